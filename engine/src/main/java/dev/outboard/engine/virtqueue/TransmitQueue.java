package dev.outboard.engine.virtqueue;

import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.spi.FrameBurst;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Takes frames from a guest's transmit queue. Used by the guest's worker alone.
 *
 * <p>A burst is polled, forwarded as far as it goes, and finished; what its destination refused is
 * given back by {@link #finish} and comes again, read anew, with the next poll. So nothing is
 * remembered between bursts but a position, and used entries leave in ring order always.
 */
public final class TransmitQueue {
  /** Frames of one burst at most. */
  public static final int BURST = 64;

  private static final int ETHERNET_HEADER = 14;

  private final Virtqueue ring;
  private final int headerLength;
  private final int allowedOffloads;
  private final int network;

  private static final int BAD_CHAIN = -1;
  private static final int BAD_FRAME = -2;

  /** What is said of a transmitted buffer: that nothing was written to it. */
  private static final int[] NOTHING_WRITTEN = new int[BURST];

  /** The chains of the burst, and a bit for each that is bad, in one of two ways. */
  private final int[] heads = new int[BURST];

  private long withBadChain;
  private long withBadFrame;
  private int polled;

  /** The size of the burst's frames. */
  private long takenBytes;

  /** Where the ring stood before the poll, and how many chains are to be completed, or -1. */
  private int start;

  private int finishing;

  /** Chains that were dealt with and are still read by a port. */
  private int held;

  private int badChains;
  private int badFrames;

  /**
   * A queue over a ring.
   *
   * @param network the VNI that its frames get
   */
  public TransmitQueue(Virtqueue ring, long features, int network) {
    this.ring = ring;
    this.network = network;
    headerLength = VirtioNet.headerLength(features);
    allowedOffloads = VirtioNet.transmitOffloads(features);
  }

  /** Whether a poll would find something; a cheap look. */
  public boolean hasWork() {
    return ring.available(1) > 0;
  }

  /**
   * Fills the burst with the frames that are next. {@link #finish} must follow.
   *
   * @param byteLimit stops after the frame that reaches it
   * @return how many chains were looked at: frames of the burst and bad ones
   */
  public int poll(FrameBurst burst, PrivateHeaders headers, Scratch scratch, long byteLimit) {
    PrivateDescriptors firsts = scratch.taken;
    DescriptorChain chain = scratch.chain;
    burst.clear();
    start = ring.taken();
    finishing = -1;
    withBadChain = 0;
    withBadFrame = 0;
    takenBytes = 0;
    int chains = firsts.read(ring, Math.min(ring.available(BURST), BURST));
    int i = 0;
    while (i < chains && takenBytes < byteLimit) {
      i = takeUsual(burst, headers, scratch, i, byteLimit);
      if (i == chains || takenBytes >= byteLimit) {
        break;
      }
      int taken = BAD_CHAIN;
      if (chain.read(ring, firsts.heads()[i], false)) {
        if (burst.fragmentRoom() <= chain.count()) {
          break;
        }
        taken = take(burst, headers, chain);
      }
      note(i, taken);
      i++;
    }
    System.arraycopy(firsts.heads(), 0, heads, 0, i);
    polled = i;
    ring.advance(i);
    return i;
  }

  private void note(int i, int taken) {
    switch (taken) {
      case BAD_CHAIN -> withBadChain |= 1L << i;
      case BAD_FRAME -> withBadFrame |= 1L << i;
      default -> takenBytes += taken;
    }
  }

  /**
   * Takes chains as long as they are as nearly always, one buffer with a whole frame, all in one
   * region.
   *
   * @param from the first
   * @return the first that is not like that, or that is behind the limit; or the end
   */
  private int takeUsual(
      FrameBurst burst, PrivateHeaders headers, Scratch scratch, int from, long byteLimit) {
    PrivateDescriptors firsts = scratch.taken;
    GuestMemory memory = ring.memory;
    int length = headerLength;
    int located =
        firsts.locate(
            memory, from, 0, length + ETHERNET_HEADER, length + ReceiveQueue.LARGEST_SUPER_FRAME);
    int[] sizes = scratch.sizes;
    long[] rests = scratch.rests;
    long[] places = firsts.offsets();
    int wanted = length + PrivateHeaders.PRIVATE_BYTES;
    long bytes = takenBytes;
    int frames = 0;
    while (from + frames < located && bytes < byteLimit) {
      sizes[frames] = firsts.length(from + frames) - length;
      rests[frames] = places[from + frames] + wanted;
      bytes += sizes[frames++];
    }
    if (frames == 0 || burst.fragmentRoom() < 2 * frames) {
      return from;
    }
    MemorySegment buffers = memory.segment(firsts.region());
    if (frames > 1) {
      firsts.touch(buffers, from, from + frames);
    }
    MemorySegment privateMemory = headers.memory();
    long first = PrivateHeaders.frameStart(burst.count());
    long target = first - length;
    for (int i = 0; i < frames; i++) {
      MemorySegment.copy(
          buffers,
          places[from + i],
          privateMemory,
          target + i * PrivateHeaders.SLOT,
          Math.min(length + sizes[i], wanted));
    }
    long[] offloads = scratch.offloads;
    long any = 0;
    for (int i = 0; i < frames; i++) {
      long header = target + i * PrivateHeaders.SLOT;
      offloads[i] = privateMemory.get(ValueLayout.JAVA_LONG_UNALIGNED, header);
      any |= offloads[i];
    }
    if (any != 0) {
      frames = checkOffloads(offloads, privateMemory, target, sizes, frames);
    }
    int frame = burst.count();
    burst.addFrames(
        network,
        frames,
        sizes,
        headers.region(),
        first,
        PrivateHeaders.SLOT,
        PrivateHeaders.PRIVATE_BYTES,
        memory.regionId(firsts.region()),
        rests);
    for (int i = 0; i < frames; i++) {
      takenBytes += sizes[i];
    }
    for (int i = 0; any != 0 && i < frames; i++) {
      setOffload(burst, frame + i, offloads[i], privateMemory, target + i * PrivateHeaders.SLOT);
    }
    return from + frames;
  }

  /**
   * Checks the offload fields of headers {@link PrivateHeaders#SLOT} apart; returns how many in a
   * row are good.
   */
  private int checkOffloads(
      long[] offloads, MemorySegment memory, long at, int[] sizes, int count) {
    for (int i = 0; i < count; i++) {
      offloads[i] = checkedOffload(offloads[i], memory, at + i * PrivateHeaders.SLOT, sizes[i]);
      if (offloads[i] == VirtioNet.BAD_OFFLOAD) {
        return i;
      }
    }
    return count;
  }

  private long checkedOffload(long fields, MemorySegment memory, long header, int length) {
    return fields == 0
        ? 0
        : VirtioNet.checkedOffload(fields, checksumOffset(memory, header), length, allowedOffloads);
  }

  private static int checksumOffset(MemorySegment memory, long header) {
    return memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, header + 8) & 0xffff;
  }

  /** Takes over what a good header asks for. */
  private static void setOffload(
      FrameBurst burst, int frame, long checked, MemorySegment memory, long header) {
    if (checked != 0) {
      burst.setOffload(frame, checked, checksumOffset(memory, header));
    }
  }

  /**
   * Adds the frame that the chain holds to the burst.
   *
   * @return its size; or, if it is bad, {@link #BAD_FRAME}
   */
  private int take(FrameBurst burst, PrivateHeaders headers, DescriptorChain chain) {
    int length = chain.total() - headerLength;
    if (length < ETHERNET_HEADER || length > ReceiveQueue.LARGEST_SUPER_FRAME) {
      return BAD_FRAME;
    }
    long frameStart = PrivateHeaders.frameStart(burst.count());
    MemorySegment privateMemory = headers.memory();
    long target = frameStart - headerLength;
    int wanted = headerLength + PrivateHeaders.PRIVATE_BYTES;
    int privateFragment = burst.fragmentCount();
    burst.addFragment(headers.region(), frameStart, 0);
    int taken = 0;
    int buffers = chain.count();
    for (int b = 0; b < buffers; b++) {
      int region = chain.region(b);
      long offset = chain.offset(b);
      int bytes = chain.length(b);
      int head = Math.min(bytes, wanted - taken);
      if (head > 0) {
        MemorySegment.copy(
            ring.memory.segment(region), offset, privateMemory, target + taken, head);
        taken += head;
      }
      if (head < bytes) {
        burst.addFragment(ring.memory.regionId(region), offset + head, bytes - head);
      }
    }
    burst.setFragmentLength(privateFragment, taken - headerLength);
    long fields = privateMemory.get(ValueLayout.JAVA_LONG_UNALIGNED, target);
    long checked = checkedOffload(fields, privateMemory, target, length);
    if (checked == VirtioNet.BAD_OFFLOAD) {
      burst.abandonFrame();
      return BAD_FRAME;
    }
    burst.endFrame(network, length, 0, 0);
    setOffload(burst, burst.count() - 1, checked, privateMemory, target);
    return length;
  }

  /** Chains that could not be read, among those the last {@link #finish} completed. */
  public int badChains() {
    return badChains;
  }

  /**
   * Frames with an impossible size or offload fields, among those the last {@link #finish}
   * completed.
   */
  public int badFrames() {
    return badFrames;
  }

  /**
   * Completes the burst up to frame {@code frames}, exclusive, and gives the others back to the
   * ring. Not published yet.
   *
   * @param burst the burst of the last poll
   */
  public void finish(FrameBurst burst, int frames) {
    int done = chainsBefore(burst, frames);
    finishing = done;
    countBad(done);
    ring.complete(heads, NOTHING_WRITTEN, done);
    ring.advance(done - polled);
    polled = 0;
  }

  /** How many chains come before a frame of the burst, bad ones included. */
  private int chainsBefore(FrameBurst burst, int frame) {
    if (polled == 0 || frame == burst.count()) {
      return polled;
    }
    int chain = frame;
    if ((withBadChain | withBadFrame) != 0) {
      chain = 0;
      for (int good = isBad(0) ? 0 : 1; good <= frame; good += isBad(chain) ? 0 : 1) {
        chain++;
      }
    }
    return chain;
  }

  private boolean isBad(int chain) {
    return ((withBadChain | withBadFrame) >>> chain & 1) != 0;
  }

  /**
   * As {@link #finish}, but a port still reads frames of the burst: the driver gets nothing of it
   * back until {@link #finishHeld}. There is no poll before that.
   */
  public void finishLater(FrameBurst burst, int frames) {
    held = chainsBefore(burst, frames);
    countBad(held);
    ring.advance(held - polled);
    polled = 0;
  }

  /** No port reads the burst any more: completes it. Not published yet. */
  public void finishHeld() {
    ring.complete(heads, NOTHING_WRITTEN, held);
    held = 0;
  }

  private void countBad(int chains) {
    long counted = chains == BURST ? -1 : (1L << chains) - 1;
    badChains = Long.bitCount(withBadChain & counted);
    badFrames = Long.bitCount(withBadFrame & counted);
  }

  /**
   * After a failure anywhere between two polls: as {@link #finish}, which may have begun.
   *
   * @param frames how many were dealt with, if {@link #finish} has not been told
   * @return how many were dealt with
   */
  public int recover(FrameBurst burst, int frames) {
    int done = finishing >= 0 ? finishing : chainsBefore(burst, frames);
    int completed = (ring.filled() - start) & 0xffff;
    countBad(done);
    for (int i = completed; i < done; i++) {
      ring.complete(heads[i], 0);
    }
    ring.resumeAt(start + done);
    polled = 0;
    return done - badChains - badFrames;
  }

  /** The ring underneath: publishing, calls, kicks. */
  public Virtqueue ring() {
    return ring;
  }
}
