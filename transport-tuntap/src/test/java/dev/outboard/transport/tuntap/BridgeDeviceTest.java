package dev.outboard.transport.tuntap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Io;
import dev.outboard.linux.Links;
import dev.outboard.linux.Tap;
import dev.outboard.spi.TransportException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The way off the host: a device that is a port of one bridge. A TAP of the test stands for it. */
class BridgeDeviceTest {
  private static final String[] WITH_DEVICE = {
    "bridge.device", "card", "bridge.network", "7", "bridge.tenant", "a"
  };
  private static final long FAR = TestHost.mac(99);
  private static final int ROOM = 4096;

  /** What is behind the device. */
  private static final class Wire implements AutoCloseable {
    final int fd;
    final MemorySegment buffer = Arena.ofAuto().allocate(ROOM, 8);

    Wire() throws Exception {
      fd = Tap.create("card");
      Links.disableIpv6("card");
    }

    void send(byte[] frame) {
      buffer.asSlice(0, Tap.HEADER_SIZE).fill((byte) 0);
      MemorySegment.copy(frame, 0, buffer, ValueLayout.JAVA_BYTE, Tap.HEADER_SIZE, frame.length);
      long length = (long) Tap.HEADER_SIZE + frame.length;
      assertEquals(length, Io.write(fd, buffer.address(), length));
    }

    /** Waits for this very frame; the kernel may have sent others before. */
    void expect(byte[] frame) throws Exception {
      long end = System.nanoTime() + 10_000_000_000L;
      try (Epoll epoll = new Epoll()) {
        epoll.add(fd, Epoll.IN, 0);
        while (System.nanoTime() < end) {
          int _ = epoll.await(100_000_000);
          long read = Io.read(fd, buffer.address(), ROOM);
          if (read > Tap.HEADER_SIZE) {
            byte[] all = buffer.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE);
            if (Arrays.equals(frame, Arrays.copyOfRange(all, Tap.HEADER_SIZE, all.length))) {
              return;
            }
          }
        }
      }
      throw new AssertionError("the frame did not come");
    }

    @Override
    public void close() {
      FileDescriptors.close(fd);
    }
  }

  @Test
  void guestsReachWhatIsBehindItAndAreReached() throws Exception {
    TestHost.run(
        host -> {
          try (Wire wire = new Wire()) {
            TestGuest guest = host.guest(1);
            byte[] there = Packets.plain(FAR, TestHost.mac(1), 200, 1);
            guest.begin().add(there).send();
            wire.expect(there);
            byte[] back = Packets.plain(TestHost.mac(1), FAR, 300, 2);
            wire.send(back);
            assertArrayEquals(back, Packets.withoutHeader(guest.receive().getFirst(), 12));
            guest.close();
          }
        },
        WITH_DEVICE);
  }

  @Test
  void bridgesOfOtherNetworksAndTenantsDoWithoutIt() throws Exception {
    TestHost.run(
        host -> {
          try (Wire _ = new Wire()) {
            host.guest(1, 7, "b").close();
            host.guest(2, 8, "a").close();
            assertEquals(0, Links.find("card").orElseThrow().master());
            host.guest(3, 7, "a");
            assertTrue(Links.find("card").orElseThrow().master() > 0);
            host.transport.close();
            host.transport = null;
            assertEquals(0, Links.find("card").orElseThrow().master());
          }
        },
        WITH_DEVICE);
  }

  @Test
  void whatCannotWorkIsRefusedInOneLineAndLeavesNothing() throws Exception {
    TestHost.run(
        host -> {
          assertRefused(host, "uplink lan: there is no device card");
          try (Wire _ = new Wire()) {
            Links.setMtu("card", 1400);
            assertRefused(host, "device card has an MTU of 1400");
            Links.setMtu("card", 1500);
            Links.createBridge("theirs");
            Links.addToBridge("theirs", "card");
            assertRefused(host, "'ip link set card nomaster' takes it out");
            Links.deleteBridge("theirs");
            host.guest(1).close();
          }
        },
        WITH_DEVICE);
  }

  private static void assertRefused(TestHost host, String reason) throws Exception {
    TransportException e = assertThrows(TransportException.class, () -> host.guest(1));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    long ours = Links.bridges().stream().filter(bridge -> bridge.name().startsWith("ob")).count();
    assertEquals(0, ours);
  }
}
