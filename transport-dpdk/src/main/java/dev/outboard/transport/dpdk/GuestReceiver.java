package dev.outboard.transport.dpdk;

import dev.outboard.spi.Counter;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.transport.dpdk.ffi.FastPath;
import dev.outboard.transport.dpdk.ffi.Packets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The receiving half of a guest's port: copies frames from the device's packets into the guest's
 * buffers, the virtio-net header in front. Its worker's; hot. What has come and found no room waits
 * here, also while the port has no worker.
 */
final class GuestReceiver {
  private static final int BURST = 32;

  private final Wire wire;
  private final FastPath path;
  private final Counter tooLarge;
  private final Counter inPieces;

  private final MemorySegment memory = Packets.memory();
  private final MemorySegment packets =
      Arena.ofAuto().allocate((long) BURST * Long.BYTES, Long.BYTES);
  private final long packetsAddress = packets.address();
  private int next;
  private int count;

  GuestReceiver(Wire wire, FastPath path, Counter tooLarge, Counter inPieces) {
    this.wire = wire;
    this.path = path;
    this.tooLarge = tooLarge;
    this.inPieces = inPieces;
  }

  /** As {@link dev.outboard.spi.GuestPort#receive}. */
  int receive(ReceiveSpace space, int limit) {
    int frames = 0;
    int bursts = 2 + limit / BURST;
    while (frames < limit && space.frameRoom() > 0 && space.nextBuffer() < space.bufferCount()) {
      if (next == count && (bursts-- == 0 || !burst())) {
        break;
      }
      long packet = packets.getAtIndex(ValueLayout.JAVA_LONG, next);
      if (isWanted(packet)) {
        int buffers = buffersFor(space, space.headerLength() + wire.length());
        if (buffers == 0 && space.mergeable()) {
          break; // the same frame comes first when there is room
        }
        if (buffers == 0) {
          tooLarge.add(1);
        } else {
          copy(space, space.nextBuffer());
          space.addFrame(buffers, space.headerLength() + wire.length());
          frames++;
        }
      }
      next++;
    }
    return frames;
  }

  private boolean isWanted(long packet) {
    if (Packets.segments(packet) > 1) {
      inPieces.add(1);
      return false;
    }
    return wire.unwrap(memory, packet);
  }

  private boolean burst() {
    release();
    count = path.receive(0, packetsAddress, BURST);
    return count > 0;
  }

  /** Gives back the packets of the last burst. */
  private void release() {
    if (count > 0) {
      Packets.free(packetsAddress, count);
    }
    next = 0;
    count = 0;
  }

  /** How many buffers a frame takes, or 0 if there is no room. */
  private static int buffersFor(ReceiveSpace space, int bytes) {
    int room = 0;
    int first = space.nextBuffer();
    int last = space.mergeable() ? space.bufferCount() : first + 1;
    for (int buffer = first; buffer < last; buffer++) {
      for (int f = space.firstFragment(buffer); f < space.firstFragment(buffer + 1); f++) {
        room += space.fragmentLength(f);
      }
      if (room >= bytes) {
        return buffer - first + 1;
      }
    }
    return 0;
  }

  /** Writes an empty virtio-net header and the frame, over as many fragments as it takes. */
  private void copy(ReceiveSpace space, int buffer) {
    int header = space.headerLength();
    int frame = 0;
    int f = space.firstFragment(buffer);
    while (frame < wire.length()) {
      MemorySegment to = space.segment(f);
      long at = space.offset(f);
      int room = space.fragmentLength(f);
      int zeros = Math.min(header, room);
      to.asSlice(at, zeros).fill((byte) 0);
      header -= zeros;
      int bytes = Math.min(room - zeros, wire.length() - frame);
      MemorySegment.copy(memory, wire.frame() + frame, to, at + zeros, bytes);
      frame += bytes;
      f++;
    }
  }

  /** Gives everything back. The control thread; the port has no worker. */
  void close() {
    release();
  }
}
