package dev.outboard.transport.tuntap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.ReceiveSpace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** A guest behind a port: memory to send from and to receive into, as the engine would show it. */
final class TestGuest implements AutoCloseable {
  private static final int SEND_BYTES = 1 << 20;
  private static final int RECEIVE_BYTES = 1 << 20;

  final TapPort port;
  final int region;
  final MemorySegment memory;
  final FrameBurst burst;
  final ReceiveSpace space;

  boolean mergeable = true;
  int headerLength = 12;
  int bufferBytes = 2048;
  int fragmentBytes = 2048;
  int largestFrame = 1514 + 12;

  private int used;

  TestGuest(TestHost host, TapPort port) {
    this.port = port;
    memory = Arena.ofAuto().allocate(SEND_BYTES + RECEIVE_BYTES, 64);
    region = host.regions.add(memory);
    burst = new FrameBurst(host.regions, 64, 1024);
    space = new ReceiveSpace(host.regions, 64, 512, 4096);
    port.bind(host);
  }

  /** An empty burst. */
  TestGuest begin() {
    burst.clear();
    used = 0;
    return this;
  }

  /** Adds a frame, cut into fragments after these numbers of bytes. */
  TestGuest add(byte[] frame, long offload, int checksumOffset, int... cuts) {
    MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, used, frame.length);
    int at = 0;
    for (int cut : cuts) {
      burst.addFragment(region, used + at, cut);
      at += cut;
    }
    burst.addFragment(region, used + at, frame.length - at);
    burst.endFrame(7, frame.length, offload, checksumOffset);
    used += frame.length;
    return this;
  }

  TestGuest add(byte[] frame) {
    return add(frame, 0, 0);
  }

  /** Sends the burst, all of which must be accepted. */
  void send() {
    assertEquals(burst.count(), port.transmit(burst, 0, burst.count()));
    assertNull(port.failure());
  }

  /** Receives up to so many frames into fresh buffers: each with its virtio-net header in front. */
  List<byte[]> receive(int limit) {
    fillSpace();
    int count = port.receive(space, limit);
    assertEquals(count, space.frameCount());
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      frames.add(read(i));
    }
    return frames;
  }

  /** Offers fresh buffers. */
  void fillSpace() {
    space.clear(mergeable, headerLength, largestFrame);
    for (int at = 0; at + bufferBytes <= RECEIVE_BYTES; at += bufferBytes) {
      if (!space.hasRoom((bufferBytes + fragmentBytes - 1) / fragmentBytes)) {
        break;
      }
      for (int f = 0; f < bufferBytes; f += fragmentBytes) {
        space.addFragment(region, SEND_BYTES + at + f, Math.min(fragmentBytes, bufferBytes - f));
      }
      space.endBuffer();
    }
  }

  List<byte[]> receive() {
    return receive(64);
  }

  private byte[] read(int i) {
    byte[] frame = new byte[space.frameWritten(i)];
    int at = 0;
    int first = space.frameFirstBuffer(i);
    int last = space.firstFragment(first + space.frameBuffers(i));
    for (int f = space.firstFragment(first); f < last && at < frame.length; f++) {
      int bytes = Math.min(space.fragmentLength(f), frame.length - at);
      MemorySegment.copy(
          space.segment(f), ValueLayout.JAVA_BYTE, space.offset(f), frame, at, bytes);
      at += bytes;
    }
    assertEquals(frame.length, at, "a frame in fewer buffers than it needs");
    return frame;
  }

  @Override
  public void close() {
    port.unbind();
    port.close();
  }
}
