package dev.outboard.testkit;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.SharedPort;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Frames that lie in the transport's memory until they are released. */
final class SharedInbox implements Inbox {
  private final SharedPort port;
  final FrameBurst burst;

  SharedInbox(FramePort port, RegionTable regions) {
    this.port = (SharedPort) port;
    burst = new FrameBurst(regions, Memory.SLOTS, 2 * Memory.SLOTS);
  }

  @Override
  public int receive(int limit) {
    burst.clear();
    return port.receive(burst, limit);
  }

  @Override
  public Got got(int i) {
    byte[] bytes = new byte[burst.length(i)];
    int at = 0;
    for (int f = burst.firstFragment(i); f < burst.firstFragment(i + 1); f++) {
      int length = Math.min(burst.fragmentLength(f), bytes.length - at);
      MemorySegment.copy(
          burst.segment(f), ValueLayout.JAVA_BYTE, burst.offset(f), bytes, at, length);
      at += length;
    }
    return new Got(
        bytes, burst.network(i), burst.nextHop(i), burst.offload(i), burst.checksumOffset(i));
  }

  @Override
  public void release() {
    port.release(burst);
  }

  @Override
  public boolean arm() {
    return port.arm();
  }

  @Override
  public void close() {}
}
