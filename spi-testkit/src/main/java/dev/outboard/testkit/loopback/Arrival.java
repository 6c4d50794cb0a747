package dev.outboard.testkit.loopback;

import dev.outboard.packet.ChecksumFiller;
import dev.outboard.packet.Segmenter;
import dev.outboard.spi.Counter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.RegionTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The frame that a guest receives now: whole if its driver takes it so, else as segments with
 * checksums. It stays the current one until there were buffers for all of it. The port's worker's.
 */
final class Arrival implements AutoCloseable {
  private static final int LONGEST_HEADER = 12;
  private static final int SEGMENTS = 16;
  private static final ValueLayout.OfLong FIELDS =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort OFFSET =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Mailbox mailbox;
  private final int longest;
  private final Counter oversized;
  private final FrameBurst whole;
  private final Segmenter segmenter;
  private final ChecksumFiller checksums = new ChecksumFiller();
  private final MemorySegment header = Arena.ofAuto().allocate(LONGEST_HEADER);
  private int allowed;
  private boolean current;
  private boolean segmented;
  private int next;

  /** Where the next byte goes. */
  private int fragment;

  private int offset;

  /**
   * What comes from this mailbox.
   *
   * @param longest a frame that is no super-frame
   * @param oversized counts frames that no buffer is large enough for
   */
  Arrival(Mailbox mailbox, RegionTable regions, int longest, Counter oversized) {
    this.mailbox = mailbox;
    this.longest = longest;
    this.oversized = oversized;
    whole = new FrameBurst(regions, 1, 1);
    segmenter = new Segmenter(regions, SEGMENTS, 1);
  }

  void allow(int offloads) {
    allowed = offloads;
  }

  /** Whether there is a frame; takes the next one if need be. */
  boolean open() {
    while (!current) {
      int slot = mailbox.take();
      if (slot < 0) {
        return false;
      }
      whole.clear();
      whole.addFragment(mailbox.region(), mailbox.at(slot), mailbox.length(slot));
      whole.endFrame(0, mailbox.length(slot), mailbox.offload(slot), mailbox.checksumOffset(slot));
      current = prepare();
      if (!current) {
        oversized.add(1);
        mailbox.give();
      }
    }
    return true;
  }

  private boolean prepare() {
    next = 0;
    segmented = false;
    if ((whole.neededOffloads(0) & ~allowed) == 0) {
      return true;
    }
    segmented = whole.segmentation(0) != FrameBurst.GSO_NONE;
    return segmented ? segmenter.open(whole, 0, longest) : checksums.fill(whole, 0);
  }

  /** Writes the frame, or its next segment; false if there is no room for it now. */
  boolean write(ReceiveSpace space) {
    FrameBurst from = whole;
    int i = 0;
    if (segmented) {
      int _ = segmenter.fill(next, 1);
      from = segmenter.segments();
    }
    int bytes = space.headerLength() + from.length(i);
    int buffers = buffers(space, bytes);
    if (buffers == 0) {
      return false;
    }
    if (buffers > 0) {
      copy(space, from, i);
      space.addFrame(buffers, bytes);
    } else {
      oversized.add(1);
    }
    next++;
    if (!segmented || next == segmenter.count()) {
      current = false;
      mailbox.give();
    }
    return true;
  }

  /** How many buffers a frame takes; 0 if there are too few, -1 if it does not fit its one. */
  private static int buffers(ReceiveSpace space, int bytes) {
    int first = space.nextBuffer();
    int room = 0;
    for (int buffer = first; buffer < space.bufferCount(); buffer++) {
      for (int f = space.firstFragment(buffer); f < space.firstFragment(buffer + 1); f++) {
        room += space.fragmentLength(f);
      }
      if (room >= bytes) {
        return buffer + 1 - first;
      }
      if (!space.mergeable()) {
        return -1;
      }
    }
    return 0;
  }

  private void copy(ReceiveSpace space, FrameBurst from, int i) {
    fragment = space.firstFragment(space.nextBuffer());
    offset = 0;
    header.fill((byte) 0);
    header.set(FIELDS, 0, from.offload(i));
    header.set(OFFSET, Long.BYTES, (short) from.checksumOffset(i));
    copy(space, header, 0, space.headerLength());
    for (int f = from.firstFragment(i); f < from.firstFragment(i + 1); f++) {
      copy(space, from.segment(f), from.offset(f), from.fragmentLength(f));
    }
  }

  private void copy(ReceiveSpace space, MemorySegment source, long at, int bytes) {
    int done = 0;
    while (done < bytes) {
      int room = space.fragmentLength(fragment) - offset;
      int some = Math.min(room, bytes - done);
      MemorySegment.copy(
          source, at + done, space.segment(fragment), space.offset(fragment) + offset, some);
      done += some;
      offset += some;
      if (some == room) {
        fragment++;
        offset = 0;
      }
    }
  }

  @Override
  public void close() {
    segmenter.close();
  }
}
