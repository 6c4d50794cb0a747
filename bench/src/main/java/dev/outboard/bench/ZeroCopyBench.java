package dev.outboard.bench;

import dev.outboard.linux.InternetAddress;
import dev.outboard.linux.IoUring;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Namespaces;
import dev.outboard.linux.OutgoingMessages;
import dev.outboard.linux.UdpSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * UDP messages sent by io_uring from where they lie, and copied, in a network of its own. What a
 * NIC does can't be had on such a machine, but its two limits can: the other end of a veth pair
 * that drops everything before a stack looks at it (nobody ever reads the bytes, as with a NIC that
 * fetches them by itself), and a socket of this host (the kernel copies after all).
 */
final class ZeroCopyBench {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final String OWN = "198.18.0.1";
  private static final String PEER = "198.18.0.2";
  private static final int PORT = 4789;
  private static final int MTU = 9000;
  private static final int SEGMENT = 8_900;

  /** Messages of one submission. */
  private static final int BURST = 8;

  private static final int LONGEST = 64_000;
  private static final long ZERO_COPY = 1L << 32;
  private static final int COPIED = 1 << 31;
  private static final int WARM_UP = 20;

  /** What is measured: nanoseconds of processor time for a million bytes, by sample. */
  record Result(boolean zeroCopy, boolean taken, int bytes, List<Long> nanos, Copies copies) {}

  /** What the kernel's notifications say: of how many messages it has made a copy after all. */
  static final class Copies {
    private long notifications;
    private long copied;

    double share() {
      return copied / (double) Math.max(1, notifications);
    }
  }

  private final int samples;
  private final long bytesPerSample;

  /** A million bytes have to be some. */
  ZeroCopyBench(int samples, int megabytes) {
    this.samples = samples;
    bytesPerSample = megabytes * 1_000_000L;
  }

  List<Result> run(List<Integer> sizes) throws Exception {
    List<Result> results = new ArrayList<>();
    for (boolean taken : new boolean[] {false, true}) {
      results.addAll(Namespaces.inPrivateNetwork(() -> run(sizes, taken)));
    }
    return results;
  }

  private List<Result> run(List<Integer> sizes, boolean taken) throws Exception {
    for (String line : setUp(taken)) {
      execute(line);
    }
    try (Sender sender = new Sender();
        UdpSocket _ = taken ? peer() : null) {
      List<Result> results = new ArrayList<>();
      for (int size : sizes) {
        for (boolean zeroCopy : new boolean[] {false, true}) {
          results.add(new Result(zeroCopy, taken, size, new ArrayList<>(), new Copies()));
        }
      }
      List<Result> order = new ArrayList<>(results);
      Random random = new Random(1);
      for (int round = 0; round < WARM_UP + samples; round++) {
        Collections.shuffle(order, random);
        for (Result result : order) {
          long nanos = sample(sender, result);
          if (round >= WARM_UP) {
            result.nanos.add(nanos);
          }
        }
      }
      return results;
    }
  }

  private static List<String> setUp(boolean taken) {
    if (taken) {
      return List.of(
          "ip link set lo mtu " + MTU + " up",
          "ip address add " + OWN + "/32 dev lo",
          "ip address add " + PEER + "/32 dev lo");
    }
    return List.of(
        "ip link add out mtu " + MTU + " type veth peer name in mtu " + MTU,
        "ip address add " + OWN + "/24 dev out",
        "ip link set in up",
        "ip link set out up",
        "ip neighbour add " + PEER + " lladdr 02:00:00:00:00:02 dev out nud permanent",
        "tc qdisc add dev in clsact",
        "tc filter add dev in ingress bpf bytecode 1,6:0:0:2 direct-action");
  }

  private static void execute(String line) throws IOException {
    List<String> words = new ArrayList<>();
    for (String word : line.split(" ", -1)) {
      words.add(word.equals("1,6:0:0:2") ? "1,6 0 0 2" : word);
    }
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(line + ": " + said.strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted in " + line, e);
    }
  }

  /** A socket that throws away what it gets. */
  private static UdpSocket peer() throws LinuxException {
    InetAddress address = InetAddress.ofLiteral(PEER);
    UdpSocket socket = new UdpSocket(address);
    socket.sendOnly();
    socket.bind(address, PORT);
    return socket;
  }

  private long sample(Sender sender, Result result) {
    long sent = 0;
    long start = THREADS.getCurrentThreadCpuTime();
    while (sent < bytesPerSample) {
      sent += sender.send(result.bytes, result.zeroCopy, result.copies);
    }
    return (THREADS.getCurrentThreadCpuTime() - start) * 1_000_000 / sent;
  }

  /** The sending end. */
  private static final class Sender implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment bytes = arena.allocate((long) BURST * LONGEST, 4096);
    private final MemorySegment name = arena.allocate(InternetAddress.SIZE, Long.BYTES);
    private final OutgoingMessages messages =
        new OutgoingMessages(arena, BURST, BURST * (LONGEST / SEGMENT + 1));
    private final UdpSocket socket;
    private final IoUring ring;

    Sender() throws LinuxException {
      InetAddress own = InetAddress.ofLiteral(OWN);
      socket = new UdpSocket(own);
      int _ = socket.sendBuffer(16 << 20);
      socket.bind(own, 0);
      int _ = InternetAddress.write(name, 0, InetAddress.ofLiteral(PEER), PORT);
      bytes.fill((byte) 1);
      ring = new IoUring(2 * BURST, 8 * BURST);
      ring.start();
    }

    /** Sends a burst and waits for all its completions; returns how many bytes left. */
    long send(int length, boolean zeroCopy, Copies copies) {
      messages.clear();
      for (int m = 0; m < BURST; m++) {
        for (int at = 0; at < length; at += SEGMENT) {
          messages.add(bytes.address() + (long) m * LONGEST + at, Math.min(SEGMENT, length - at));
        }
        messages.end(name.address(), 16, length > SEGMENT ? SEGMENT : 0);
        boolean _ =
            zeroCopy
                ? ring.sendMessageZeroCopy(
                    socket.fd(), messages.address(m), IoUring.DONT_WAIT, ZERO_COPY)
                : ring.sendMessage(socket.fd(), messages.address(m), IoUring.DONT_WAIT, 0);
      }
      int pending = ring.submit();
      long sent = 0;
      while (pending > 0) {
        int ready = ring.poll();
        for (int i = 0; i < ready; i++) {
          pending--;
          if ((ring.flags(i) & IoUring.NOTIFICATION) != 0) {
            copies.notifications++;
            copies.copied += (ring.result(i) & COPIED) == 0 ? 0 : 1;
          } else {
            pending += (ring.flags(i) & IoUring.MORE) == 0 ? 0 : 1;
            sent += Math.max(0, ring.result(i));
          }
        }
        ring.advance(ready);
        if (pending > 0) {
          int _ = ring.submitAndWait(1, -1);
        }
      }
      if (sent == 0) {
        throw new IllegalStateException("messages of " + length + " bytes can't be sent");
      }
      return sent;
    }

    @Override
    public void close() {
      ring.close();
      socket.close();
      arena.close();
    }
  }
}
