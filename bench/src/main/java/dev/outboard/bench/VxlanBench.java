package dev.outboard.bench;

import dev.outboard.linux.Links;
import dev.outboard.linux.Namespaces;
import dev.outboard.packet.Vxlan;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Frames in VXLAN over loopback, in a network of its own: by the {@code iouring} transport, and by
 * a system call for each frame. One thread does everything, so its processor time is all there is;
 * the kernel's work on what it has sent included.
 */
final class VxlanBench {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int MTU = 1500;
  private static final String SENDER = "127.0.0.2";
  private static final String PLAIN_SENDER = "127.0.0.3";
  private static final String NOBODY = "127.0.0.4";
  private static final String RECEIVER = "127.0.0.5";
  private static final String PLAIN_RECEIVER = "127.0.0.6";

  /** Bursts that wait in the receiving socket, before it is emptied. */
  private static final int FILL = 16;

  private static final int WARM_UP = 30;

  /** What is measured: returns the frames that it has carried. */
  private interface Carry {
    int run() throws Exception;
  }

  /** Nanoseconds of processor time for 1,000 frames, by sample. */
  record Result(String direction, String arm, int frameBytes, List<Long> nanos) {}

  private record Arm(String direction, String name, int frameBytes, Carry before, Carry carry) {}

  private final int samples;
  private final int framesPerSample;

  VxlanBench(int samples, int framesPerSample) {
    this.samples = samples;
    this.framesPerSample = framesPerSample;
  }

  List<Result> run(List<Integer> sizes) throws Exception {
    return Namespaces.inPrivateNetwork(
        () -> {
          Links.setUp("lo");
          Links.setMtu("lo", MTU);
          try (VxlanHost sender = new VxlanHost(SENDER);
              VxlanHost receiver = new VxlanHost(RECEIVER);
              PlainUdp plain = new PlainUdp(PLAIN_SENDER, 0, true);
              PlainUdp _ = new PlainUdp(NOBODY, Vxlan.PORT, true);
              PlainUdp plainReceiver = new PlainUdp(PLAIN_RECEIVER, Vxlan.PORT, false)) {
            List<Arm> arms = new ArrayList<>();
            int toNobody = sender.peer(NOBODY);
            int toReceiver = sender.peer(RECEIVER);
            int toPlain = sender.peer(PLAIN_RECEIVER);
            int _ = receiver.peer(SENDER);
            for (int size : sizes) {
              for (boolean oneFlow : new boolean[] {true, false}) {
                String flows = oneFlow ? "one flow" : "32 flows";
                arms.add(
                    new Arm(
                        "send",
                        "iouring, " + flows,
                        size,
                        () -> 0,
                        () -> sender.send(toNobody, size, oneFlow)));
                arms.add(
                    new Arm(
                        "receive",
                        "iouring, " + flows,
                        size,
                        () -> fill(sender, toReceiver, size, oneFlow),
                        receiver::receiveAll));
              }
              arms.add(
                  new Arm(
                      "send",
                      "sendmsg",
                      size,
                      () -> 0,
                      () -> plain.send(NOBODY, size, VxlanHost.BURST)));
              arms.add(
                  new Arm(
                      "receive",
                      "recvmsg",
                      size,
                      () -> fill(sender, toPlain, size, false),
                      plainReceiver::receiveAll));
            }
            return measure(arms);
          }
        });
  }

  private static int fill(VxlanHost sender, int hop, int size, boolean oneFlow) {
    int sent = 0;
    for (int i = 0; i < FILL; i++) {
      sent += sender.send(hop, size, oneFlow);
    }
    return sent;
  }

  /** All arms in turns, in another order each time. */
  private List<Result> measure(List<Arm> arms) throws Exception {
    List<Result> results = new ArrayList<>();
    for (Arm arm : arms) {
      results.add(new Result(arm.direction, arm.name, arm.frameBytes, new ArrayList<>()));
      for (int i = 0; i < WARM_UP; i++) {
        long _ = sample(arm);
      }
    }
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < arms.size(); i++) {
      order.add(i);
    }
    Random random = new Random(1);
    for (int i = 0; i < samples; i++) {
      Collections.shuffle(order, random);
      for (int arm : order) {
        results.get(arm).nanos.add(sample(arms.get(arm)));
      }
    }
    return results;
  }

  private long sample(Arm arm) throws Exception {
    long nanos = 0;
    long frames = 0;
    while (frames < framesPerSample) {
      int _ = arm.before.run();
      long start = THREADS.getCurrentThreadCpuTime();
      int carried = arm.carry.run();
      nanos += THREADS.getCurrentThreadCpuTime() - start;
      if (carried == 0) {
        throw new IllegalStateException(arm.direction + " by " + arm.name + " carries nothing");
      }
      frames += carried;
    }
    return nanos * 1000 / frames;
  }
}
