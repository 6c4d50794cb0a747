package dev.outboard.transport.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.packet.Ethernet;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.Offloads;
import dev.outboard.spi.RegionTable;
import dev.outboard.transport.dpdk.ffi.DeviceInfo;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What a device is told of frames that it is to finish; without a device. */
class SendOffloadsTest {
  private static final long ALL = 0xffff_ffffL;
  private static final int LONGEST = 1_514;

  private final RegionTable regions = new RegionTable();
  private final FrameBurst burst = new FrameBurst(regions, 1, 1);
  private MemorySegment memory;

  private static DeviceInfo device(String driver, long offloads) {
    return new DeviceInfo(driver, 0, 1500, 1518, 1, 1, 0, offloads, 0, 0);
  }

  /** A TCP or UDP frame over IPv4, all of it in the burst. */
  private void frame(int protocol, int payload, int kind, int segment) {
    boolean tcp = protocol == 6;
    int bytes = 34 + (tcp ? 32 : 8) + payload;
    ByteBuffer out = ByteBuffer.allocate(bytes);
    out.position(12).putShort((short) Ethernet.IPV4).put((byte) 0x45).put((byte) 0);
    out.putShort((short) (bytes - 14)).putInt(0).put((byte) 64).put((byte) protocol);
    if (tcp) {
      out.put(46, (byte) 0x80);
    }
    memory = MemorySegment.ofArray(out.array());
    int region = regions.add(memory);
    burst.clear();
    burst.addFragment(region, 0, bytes);
    long fields = FrameBurst.NEEDS_CHECKSUM | (long) kind << 8 | (long) segment << 32 | 34L << 48;
    burst.endFrame(7, bytes, fields, tcp ? 16 : 6);
  }

  private long segmentOf(SendOffloads offloads) {
    assertEquals(SendOffloads.DEVICE, offloads.find(burst, 0, memory, 0, burst.length(0)));
    offloads.prepare(burst, 0, memory, 0, 0);
    return offloads.lengths() >>> 24 & 0xffff;
  }

  @Test
  void aDeviceTakesOverWhatItSaysThatItCan() {
    long sums = DeviceInfo.TCP_CHECKSUM | DeviceInfo.UDP_CHECKSUM;
    assertEquals(0, SendOffloads.of(device("x", 0)));
    assertEquals(0, SendOffloads.of(device("x", DeviceInfo.TCP_CHECKSUM)), "TCP alone");
    assertEquals(Offloads.CHECKSUM, SendOffloads.of(device("x", sums)));
    assertEquals(
        Offloads.CHECKSUM,
        SendOffloads.of(device("x", sums | DeviceInfo.TCP_SEGMENTATION)),
        "no packets of several parts");
    assertEquals(
        Offloads.CHECKSUM | Offloads.TSO4 | Offloads.TSO6, SendOffloads.of(device("x", ALL)));
    assertEquals(
        Offloads.CHECKSUM | Offloads.TSO4, SendOffloads.of(device("net_tap", ALL)), "librte_gso");
    assertEquals(sums, SendOffloads.bits(Offloads.CHECKSUM));
  }

  @Test
  void itIsToldWhereHeadersEndBehindAVlanTag() {
    SendOffloads offloads = new SendOffloads(device("x", ALL), LONGEST);
    frame(6, 100, FrameBurst.GSO_NONE, 0);
    assertEquals(SendOffloads.DEVICE, offloads.find(burst, 0, memory, 0, burst.length(0)));
    offloads.prepare(burst, 0, memory, 0, VlanTag.SIZE);
    assertEquals(18 | 20 << 7 | 32 << 16, offloads.lengths());
    assertEquals(1L << 52 | 1L << 55, offloads.flags(), "TCP over IPv4");
    frame(17, 100, FrameBurst.GSO_NONE, 0);
    assertEquals(SendOffloads.DEVICE, offloads.find(burst, 0, memory, 0, burst.length(0)));
    offloads.prepare(burst, 0, memory, 0, 0);
    assertEquals(14 | 20 << 7 | 8 << 16, offloads.lengths());
    assertEquals(3L << 52 | 1L << 55, offloads.flags(), "UDP over IPv4");
  }

  @Test
  void segmentsAreNeverLongerThanFramesNorSoShortThatANicTakesThemForAnAttack() {
    SendOffloads offloads = new SendOffloads(device("x", ALL), LONGEST);
    frame(6, 9_000, FrameBurst.GSO_TCPV4, 1_448);
    assertEquals(1_448, segmentOf(offloads));
    assertEquals(1L << 50 | 1L << 52 | 1L << 54 | 1L << 55, offloads.flags());
    frame(6, 9_000, FrameBurst.GSO_TCPV4, 60_000);
    assertEquals(1_448, segmentOf(offloads));
    frame(6, 9_000, FrameBurst.GSO_TCPV4, 1);
    assertEquals(256, segmentOf(offloads));
    frame(6, 9_000, FrameBurst.GSO_TCPV4, 1_448);
    assertEquals(1_434, segmentOf(new SendOffloads(device("net_tap", ALL), LONGEST)));
  }

  @Test
  void superFramesThatMakeNoSenseAreNobodys() {
    SendOffloads offloads = new SendOffloads(device("x", ALL), LONGEST);
    frame(6, 9_000, FrameBurst.GSO_TCPV4, 0);
    assertEquals(SendOffloads.BAD, offloads.find(burst, 0, memory, 0, burst.length(0)));
    frame(6, 9_000, FrameBurst.GSO_TCPV6, 1_000);
    assertEquals(SendOffloads.BAD, offloads.find(burst, 0, memory, 0, burst.length(0)));
    frame(17, 9_000, FrameBurst.GSO_TCPV4, 1_000);
    assertEquals(SendOffloads.BAD, offloads.find(burst, 0, memory, 0, burst.length(0)));
  }

  @Test
  void checksumsOfOtherProtocolsAreOurs() {
    SendOffloads offloads = new SendOffloads(device("x", ALL), LONGEST);
    frame(17, 100, FrameBurst.GSO_NONE, 0);
    // That of a datagram within the datagram, as in a tunnel of the guest's.
    burst.setOffload(0, FrameBurst.NEEDS_CHECKSUM | 70L << 48, 6);
    assertEquals(SendOffloads.OURS, offloads.find(burst, 0, memory, 0, burst.length(0)));
    assertTrue(offloads.fill(burst, 0, memory, 0, burst.length(0)));
    burst.setOffload(0, FrameBurst.NEEDS_CHECKSUM | 12L << 48, 0);
    assertEquals(SendOffloads.OURS, offloads.find(burst, 0, memory, 0, burst.length(0)));
    assertFalse(offloads.fill(burst, 0, memory, 0, burst.length(0)), "over an address");
  }
}
