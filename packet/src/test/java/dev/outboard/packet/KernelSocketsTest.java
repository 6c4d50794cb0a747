package dev.outboard.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.linux.Processes;
import dev.outboard.linux.Tap;
import dev.outboard.packet.TestFrame.Extension;
import dev.outboard.spi.FrameBurst;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sockets of the Linux kernel take what we make: two hosts with a wire between them that cuts what
 * one sends for the other, or joins it. The stream arrives whole, and the receiver's kernel finds
 * nothing wrong.
 */
class KernelSocketsTest {
  private static final int STREAM = 16 << 20;
  private static final int BURST = 64;
  private static final int PATIENCE_MILLIS = 5000;
  private static final int ALL = Tap.TUN_F_CSUM | Tap.TUN_F_TSO4 | Tap.TUN_F_TSO6;

  private volatile boolean over;
  private volatile Throwable failure;
  private long superFrames;
  private long written;

  @BeforeEach
  void requireRoot() {
    assumeTrue(Processes.isRoot(), "namespaces and TAPs need root");
  }

  /** What the wire does with a burst that came from one host, for the other. */
  private interface Wire {
    void pass(TestBurst burst, TestTap to);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.9.0.", "fd00::"})
  void aStreamOfSuperFramesOfTheKernelsArrivesInSegmentsOfOurs(String net) throws Exception {
    stream(net, ALL, this::cut);
    assertTrue(superFrames > 100, "super-frames: " + superFrames);
    assertTrue(written > STREAM / 1448, "frames: " + written);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.9.0.", "fd00::"})
  void aStreamOfSegmentsOfTheKernelsArrivesInSuperFramesOfOurs(String net) throws Exception {
    stream(net, 0, this::join);
    assertTrue(superFrames > 100, "super-frames: " + superFrames);
  }

  private void stream(String net, int offloads, Wire wire) throws Exception {
    try (KernelHost a = KernelHost.start(net + "1", TestFrame.FROM, offloads);
        KernelHost b = KernelHost.start(net + "2", TestFrame.TO, offloads)) {
      Thread relay = Thread.ofPlatform().name("wire").start(() -> relay(a.tap, b.tap, wire));
      try {
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> send(a, b));
        receive(b);
        sent.get();
      } finally {
        over = true;
        relay.join();
      }
      assertEquals(null, failure);
      assertEquals(0, a.damaged());
      assertEquals(0, b.damaged());
    }
  }

  private static byte pattern(int at) {
    return (byte) (at ^ at >>> 8 ^ at >>> 16);
  }

  private static void send(KernelHost a, KernelHost b) {
    ByteBuffer content = ByteBuffer.allocate(STREAM);
    for (int i = 0; i < STREAM; i++) {
      content.put(i, pattern(i));
    }
    try {
      a.client.connect(b.address);
      while (content.hasRemaining()) {
        int _ = a.client.write(content);
      }
      a.client.shutdownOutput();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void receive(KernelHost b) throws IOException {
    try (SocketChannel from = b.server.accept()) {
      ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
      int received = 0;
      while (from.read(buffer.clear()) >= 0) {
        for (int i = 0; i < buffer.position(); i++) {
          assertEquals(pattern(received), buffer.get(i));
          received++;
        }
      }
      assertEquals(STREAM, received);
    }
  }

  private void relay(TestTap a, TestTap b, Wire wire) {
    try {
      while (!over) {
        boolean idle = pass(a, b, wire, 0);
        boolean _ = pass(b, a, wire, idle ? 200_000 : 0);
      }
    } catch (Throwable e) {
      failure = e;
    }
  }

  private boolean pass(TestTap from, TestTap to, Wire wire, long patience) {
    TestTap.Frame frame = from.read(patience);
    if (frame == null) {
      return true;
    }
    TestBurst burst = new TestBurst();
    while (frame != null && burst.burst.count() < BURST) {
      burst.add(frame.bytes, frame.offload, frame.checksumOffset);
      frame = burst.burst.count() < BURST ? from.read(0) : null;
    }
    wire.pass(burst, to);
    return false;
  }

  private void cut(TestBurst from, TestTap to) {
    FrameBurst burst = from.burst;
    ChecksumFiller filler = new ChecksumFiller();
    for (int i = 0; i < burst.count(); i++) {
      if (burst.segmentation(i) != FrameBurst.GSO_NONE) {
        superFrames++;
        for (byte[] segment : TestBurst.segments(from, i, 16)) {
          write(to, segment, 0, 0);
        }
      } else {
        assertTrue(!burst.needsChecksum(i) || filler.fill(burst, i));
        write(to, TestBurst.frame(burst, i), 0, 0);
      }
    }
  }

  private void join(TestBurst from, TestTap to) {
    try (Coalescer coalescer = new Coalescer(from.regions, BURST, 4096)) {
      FrameBurst joined = coalescer.coalesce(from.burst);
      for (int i = 0; i < joined.count(); i++) {
        superFrames += joined.segmentation(i) == FrameBurst.GSO_NONE ? 0 : 1;
        write(to, TestBurst.frame(joined, i), joined.offload(i), joined.checksumOffset(i));
      }
    }
  }

  private void write(TestTap to, byte[] frame, long offload, int checksumOffset) {
    to.write(frame, offload, checksumOffset);
    written++;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBundleOfDatagramsArrivesOneByOne(boolean ipv4) throws Exception {
    List<Extension> extensions =
        ipv4
            ? List.of()
            : List.of(
                new Extension(TestFrame.HOP_BY_HOP, 8), new Extension(TestFrame.DESTINATION, 8));
    TestFrame bundle =
        new TestFrame(ipv4, false, ipv4 ? 8 : 0, extensions, 0, 0, 10_001, 1201, 1, 1, 1);
    try (KernelHost host = KernelHost.start(ipv4 ? "10.0.0.2" : "fd00::2", TestFrame.TO, 0)) {
      for (byte[] segment : TestBurst.segments(new TestBurst().addSuper(bundle), 0, 16)) {
        host.tap.write(segment, 0, 0);
      }
      byte[] sent = bundle.bytes();
      for (int at = bundle.headers(); at < sent.length; at += bundle.segmentSize()) {
        int end = Math.min(sent.length, at + bundle.segmentSize());
        assertArrayEquals(Arrays.copyOfRange(sent, at, end), receiveDatagram(host));
      }
      assertEquals(0, host.damaged());
    }
  }

  private static byte[] receiveDatagram(KernelHost host) throws IOException {
    DatagramSocket socket = host.datagrams.socket();
    socket.setSoTimeout(PATIENCE_MILLIS);
    DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
    socket.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }
}
