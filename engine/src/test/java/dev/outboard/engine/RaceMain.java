package dev.outboard.engine;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNet;
import dev.outboard.guest.VirtioNetDriver;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.Threads;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The race of {@link MemoryOrderingTest}, in a JVM of its own with the classes of {@link
 * RaceClasses}. A guest sends one frame at a time to another: a sidecar with its worker on one
 * processor, the drivers of both guests in one thread on another.
 *
 * <p>Each trip has two races. Whether the frame is published just when the worker, after a quiet
 * spell, arms the kick; and whether the worker publishes the frame just when the receiving driver,
 * after a quiet spell of its own, arms the call. All spells are random.
 *
 * <p>A side that sleeps while there is work for it, for longer than any delay of this machine, has
 * lost a wake-up. Which one is found out by waking by hand, and that ends the run.
 */
final class RaceMain {
  private static final int PAUSE_NANOS = 6_000;
  private static final int SPELL_NANOS = 1_000;

  private final VhostUserGuest sender;
  private final VhostUserGuest receiver;
  private final FrameTemplate template =
      FrameTemplate.raw(TestHost.endpoint(1), TestHost.endpoint(2), 64);
  private final FrameCheck check = new FrameCheck(template);
  private final long patienceNanos;
  private long trips;

  private RaceMain(VhostUserGuest sender, VhostUserGuest receiver, long patienceNanos) {
    this.sender = sender;
    this.receiver = receiver;
    this.patienceNanos = patienceNanos;
  }

  /**
   * Runs until both sides have armed so often or a wake-up is lost.
   *
   * @param arguments {@code event-index} or {@code flags}; how often each side is to arm; after how
   *     many milliseconds a wake-up counts as lost; {@code split} or {@code packed}
   */
  public static void main(String[] arguments) throws Exception {
    boolean eventIndex = arguments[0].equals("event-index");
    long races = Long.parseLong(arguments[1]);
    long patienceNanos = Long.parseLong(arguments[2]) * 1_000_000;
    int[] cpus = Threads.allowedCpus();
    Threads.pinCurrentThread(cpus[0]);
    EngineSettings settings = new EngineSettings(1, List.of(cpus[1]), 5, 100, 16);
    GuestOptions usual = arguments[3].equals("packed") ? GuestOptions.PACKED : GuestOptions.DEFAULT;
    GuestOptions options =
        eventIndex ? usual : usual.withFeatures(usual.features() & ~VirtioNet.EVENT_IDX);
    try (TestHost host = new TestHost(settings)) {
      VhostUserGuest sender = host.start(host.spec(1), options);
      VhostUserGuest receiver = host.start(host.spec(2), options);
      RaceMain race = new RaceMain(sender, receiver, patienceNanos);
      long begin = System.nanoTime();
      String lost = race.run(races);
      double seconds = (System.nanoTime() - begin) / 1e9;
      race.report(lost, seconds);
    }
  }

  private String run(long races) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    while (RaceProbes.device().armed() < races || RaceProbes.driver().armed() < races) {
      long pause = System.nanoTime() + random.nextInt(PAUSE_NANOS);
      while (System.nanoTime() < pause) {
        Thread.onSpinWait();
      }
      sender.send(template, trips++, 1);
      long spell = System.nanoTime() + random.nextInt(SPELL_NANOS);
      while (receiver.receive(check, 1) == 0 && System.nanoTime() < spell) {
        Thread.onSpinWait();
      }
      String lost = sleepUntilReceived();
      if (!lost.equals("none")) {
        return lost;
      }
    }
    return "none";
  }

  private String sleepUntilReceived() {
    long begin = System.nanoTime();
    while (check.frames() < trips) {
      receiver.await(patienceNanos);
      boolean received = receiver.receive(check, 1) > 0;
      if (System.nanoTime() - begin > patienceNanos) {
        return received ? "call" : kickByHand();
      }
    }
    return "none";
  }

  /** If this is what the worker was waiting for, the frame comes now. */
  private String kickByHand() {
    long _ = EventFd.signal(sender.kickFd(VirtioNetDriver.TX));
    receiver.await(patienceNanos);
    return receiver.receive(check, 1) > 0 ? "kick" : "both";
  }

  private void report(String lost, double seconds) {
    System.out.printf("lost=%s seconds=%.1f trips=%d%n", lost, seconds, trips);
    System.out.printf("frames-lost=%d frames-late=%d%n", check.lost(), check.late());
    report("device", RaceProbes.device(), "kicks", sender.kickCount());
    report("driver", RaceProbes.driver(), "wakes", receiver.wakeCount());
  }

  private static void report(String name, RaceProbes.Side side, String bells, long count) {
    System.out.printf(
        "%1$s-armed=%2$d %1$s-looked-again=%3$d %1$s-slept=%4$d %5$s=%6$d%n",
        name, side.armed(), side.lookedAgain(), side.slept(), bells, count);
  }
}
