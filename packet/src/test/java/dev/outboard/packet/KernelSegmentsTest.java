package dev.outboard.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.linux.Links;
import dev.outboard.linux.Namespaces;
import dev.outboard.linux.Processes;
import java.nio.ByteBuffer;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.opentest4j.TestAbortedException;

/**
 * The Linux kernel as oracle: a super-frame goes into one TAP of a bridge, and the kernel has to
 * cut it for another TAP that takes no offloads. What comes out there is what we make of it, byte
 * for byte, identification and checksums included.
 */
class KernelSegmentsTest {
  private static final int MTU = 65_000;
  private static final long PATIENCE = 2_000_000_000L;

  /** The kernel takes no larger bundle (UDP_MAX_SEGMENTS). */
  private static final int MOST_DATAGRAMS = 128;

  private static TestTap in;
  private static TestTap out;

  @BeforeContainer
  static void bridge() throws Exception {
    if (Processes.isRoot()) {
      Namespaces.inPrivateNetwork(
          () -> {
            Links.createBridge("br0");
            Links.disableIpv6("br0");
            in = port("in");
            out = port("out");
            Links.setUp("br0");
            return null;
          });
    }
  }

  private static TestTap port(String name) throws Exception {
    TestTap tap = new TestTap(name, MTU, 0);
    Links.disableIpv6(name);
    Links.addToBridge("br0", name);
    Links.setUp(name);
    return tap;
  }

  @AfterContainer
  static void close() {
    if (in != null) {
      in.close();
      out.close();
    }
  }

  /**
   * What the kernel takes. It loses a TCP frame of one segment that only its options make look like
   * two.
   */
  @Provide
  Arbitrary<TestFrame> frames() {
    return TestFrames.superFrames()
        .filter(f -> f.tcp() || f.payload() <= f.segmentSize() * MOST_DATAGRAMS)
        .filter(f -> f.payload() > 0)
        .filter(
            f -> f.payload() > f.segmentSize() || f.payload() + f.tcpOptions() < f.segmentSize());
  }

  private static void requireRoot() {
    if (in == null) {
      throw new TestAbortedException("namespaces and TAPs need root");
    }
  }

  @Property(tries = 500)
  void theKernelCutsASuperFrameAsWeDo(@ForAll("frames") TestFrame frame) {
    requireRoot();
    List<byte[]> ours = TestBurst.segments(new TestBurst().addSuper(frame), 0, 64);
    assertNotNull(ours);
    in.write(frame.bytes(), frame.superOffload(), frame.checksumOffset());
    for (int k = 0; k < ours.size(); k++) {
      assertSame(frame, ours.get(k), "segment " + k + " of " + ours.size());
    }
    assertNull(out.read(0), "more segments than ours");
  }

  @Property(tries = 500)
  void theKernelFillsAChecksumAsWeDo(@ForAll("frames") TestFrame frame) {
    requireRoot();
    TestBurst ours =
        new TestBurst().add(frame.bytes(), frame.checksumOffload(), frame.checksumOffset());
    assertTrue(new ChecksumFiller().fill(ours.burst, 0));
    if (frame.length() > MTU) {
      return;
    }
    in.write(frame.bytes(), frame.checksumOffload(), frame.checksumOffset());
    assertSame(frame, TestBurst.frame(ours.burst, 0), "checksum");
  }

  private static void assertSame(TestFrame frame, byte[] ours, String what) {
    TestTap.Frame kernels = out.read(PATIENCE);
    assertNotNull(kernels, what + ": nothing from the kernel");
    assertEquals(0, kernels.offload, what);
    assertArrayEquals(comparable(frame, kernels.bytes), comparable(frame, ours), what);
  }

  /** In TCP, 0 and 0xffff are the same sum; the kernel writes now this, now that. */
  private static byte[] comparable(TestFrame frame, byte[] bytes) {
    int field = frame.transport() + 16;
    ByteBuffer out = ByteBuffer.wrap(bytes);
    if (frame.tcp() && out.getShort(field) == -1) {
      out.putShort(field, (short) 0);
    }
    return bytes;
  }
}
