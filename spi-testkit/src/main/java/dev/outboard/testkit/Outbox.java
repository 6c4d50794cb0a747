package dev.outboard.testkit;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.Region;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.Transport;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A burst to be sent, laid out as the sidecar does it: the first fragment of a frame in memory of
 * the worker's, the others in a guest's, which the transport is told of. A worker's.
 */
final class Outbox implements AutoCloseable {
  private static final byte SCRIBBLE = (byte) 0xee;
  private static final int FRAGMENTS = 4096;

  private final RegionTable regions;
  private final Transport transport;
  private final Region guest;
  private final MemorySegment headers = Memory.take();
  private final MemorySegment payload = Memory.take();
  private final int headerRegion;
  private final int payloadRegion;
  final FrameBurst burst;

  Outbox(RegionTable regions, Transport transport) {
    this.regions = regions;
    this.transport = transport;
    headerRegion = regions.add(headers);
    payloadRegion = regions.add(payload);
    guest = new Region(payloadRegion, payload, Memory.PAGE);
    transport.memoryAdded(guest);
    burst = new FrameBurst(regions, Memory.SLOTS, FRAGMENTS);
  }

  /** Adds a frame; its token, unless it has one given to it, is none. */
  void add(Sent frame, int network, int hop) {
    int slot = burst.count();
    long at = (long) slot * Memory.SLOT;
    byte[] bytes = frame.bytes();
    int first = firstFragment(bytes.length, frame.fragments());
    MemorySegment.copy(bytes, 0, headers, ValueLayout.JAVA_BYTE, at, first);
    MemorySegment.copy(bytes, first, payload, ValueLayout.JAVA_BYTE, at, bytes.length - first);
    burst.addFragment(headerRegion, at, first);
    int rest = bytes.length - first;
    int pieces = Math.min(frame.fragments() - 1, rest);
    for (int piece = 0, from = 0; piece < pieces; piece++) {
      int to = (int) ((long) rest * (piece + 1) / pieces);
      burst.addFragment(payloadRegion, at + from, to - from);
      from = to;
    }
    burst.endFrame(network, bytes.length, frame.offload(), frame.checksumOffset());
    burst.setRoute(slot, hop, frame.flow() * 0x9e37_79b9);
  }

  /** Headers, or all of it; but each of the others has a byte, too. */
  private static int firstFragment(int length, int fragments) {
    return fragments == 1
        ? length
        : Math.max(1, Math.min(Sent.FIRST_FRAGMENT, length - (fragments - 1)));
  }

  /** The worker uses the first fragment of a frame for something else. */
  void scribbleHeader(int i) {
    scribble(headers, i);
  }

  /** The guest uses the rest of the frame for something else. */
  void scribblePayload(int i) {
    scribble(payload, i);
  }

  private void scribble(MemorySegment memory, int i) {
    memory.asSlice((long) i * Memory.SLOT, burst.length(i)).fill(SCRIBBLE);
  }

  /** All that can be read of the burst, as one number: it must not change. */
  long fingerprint() {
    long mix = burst.count();
    for (int i = 0; i < burst.count(); i++) {
      mix = mix * 31 + burst.network(i);
      mix = mix * 31 + burst.length(i);
      mix = mix * 31 + burst.offload(i);
      mix = mix * 31 + burst.checksumOffset(i);
      mix = mix * 31 + burst.nextHop(i);
      mix = mix * 31 + burst.flowHash(i);
      mix = mix * 31 + burst.token(i);
      for (int f = burst.firstFragment(i); f < burst.firstFragment(i + 1); f++) {
        mix = mix * 31 + burst.region(f);
        mix = mix * 31 + burst.offset(f);
        mix = mix * 31 + burst.fragmentLength(f);
        MemorySegment segment = burst.segment(f);
        for (long at = 0; at < burst.fragmentLength(f); at++) {
          mix = mix * 31 + segment.get(ValueLayout.JAVA_BYTE, burst.offset(f) + at);
        }
      }
    }
    return mix;
  }

  /** The control thread, before the transport is closed. */
  @Override
  public void close() {
    transport.memoryRemoved(guest);
    regions.remove(headerRegion);
    regions.remove(payloadRegion);
    Memory.give(headers);
    Memory.give(payload);
  }
}
