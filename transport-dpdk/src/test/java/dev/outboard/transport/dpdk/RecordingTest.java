package dev.outboard.transport.dpdk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.outboard.spi.Availability;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code net_pcap} receives the frames of one file, and writes those that are sent to another. */
class RecordingTest {
  private static final int MAGIC = 0xa1b2c3d4;
  private static final int HEADER = 24;
  private static final int FRAME_HEADER = 16;
  private static final int LENGTH_AT = 8;
  private static final int LARGEST = 65_535;
  private static final int ETHERNET = 1;
  private static final int NETWORK = 7;
  private static final int TYPE = 0x88b5;
  private static final int[] LENGTHS = {14, 60, 61, 590, 1514};

  @TempDir private Path directory;

  @BeforeEach
  void dpdkIsThere() {
    Availability availability = new DpdkProvider().probe();
    Assumptions.assumeTrue(
        availability.usable(), availability.reason() + "; " + availability.remedy());
  }

  @Test
  void framesOfOneFileAreReceivedAndThoseSentAreInTheOther() throws Exception {
    List<byte[]> frames = frames();
    Path replay = directory.resolve("replay.pcap");
    Path record = directory.resolve("record.pcap");
    Files.write(replay, file(frames));
    try (TestHost host =
        TestHost.open(
            "device=net_pcap0,rx_pcap=%s,tx_pcap=%s".formatted(replay, record),
            "untagged=" + NETWORK)) {
      int hop = host.transport.openPeer(NETWORK, Vlans.WIRE).number();
      host.bind();
      for (byte[] frame : frames) {
        TestHost.Arrived arrived = host.await(_ -> true);
        assertEquals(NETWORK, arrived.network());
        assertEquals(hop, arrived.hop());
        byte[] bytes = arrived.toArray();
        assertArrayEquals(frame, bytes);
        assertEquals(1, host.send(NETWORK, hop, bytes));
      }
      assertEquals(List.of(), host.receive(), "a recording is replayed once");
    }
    List<byte[]> recorded = read(Files.readAllBytes(record));
    assertEquals(frames.size(), recorded.size());
    for (int i = 0; i < frames.size(); i++) {
      assertArrayEquals(frames.get(i), recorded.get(i));
    }
  }

  private static List<byte[]> frames() {
    Random random = new Random(1);
    List<byte[]> frames = new ArrayList<>();
    for (int length : LENGTHS) {
      byte[] frame = new byte[length];
      random.nextBytes(frame);
      frame[0] = 2;
      frame[6] = 2;
      ByteBuffer.wrap(frame).putShort(12, (short) TYPE);
      frames.add(frame);
    }
    return frames;
  }

  private static byte[] file(List<byte[]> frames) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.nativeOrder());
    header.putInt(MAGIC).putShort((short) 2).putShort((short) 4).putLong(0);
    file.writeBytes(header.putInt(LARGEST).putInt(ETHERNET).array());
    for (byte[] frame : frames) {
      ByteBuffer before = ByteBuffer.allocate(FRAME_HEADER).order(ByteOrder.nativeOrder());
      file.writeBytes(before.putLong(0).putInt(frame.length).putInt(frame.length).array());
      file.writeBytes(frame);
    }
    return file.toByteArray();
  }

  /** Of a file in the byte order of this machine. */
  private static List<byte[]> read(byte[] file) {
    ByteBuffer all = ByteBuffer.wrap(file).order(ByteOrder.nativeOrder());
    List<byte[]> frames = new ArrayList<>();
    int at = HEADER;
    while (at < file.length) {
      byte[] frame = new byte[all.getInt(at + LENGTH_AT)];
      all.get(at + FRAME_HEADER, frame);
      frames.add(frame);
      at += FRAME_HEADER + frame.length;
    }
    return frames;
  }
}
