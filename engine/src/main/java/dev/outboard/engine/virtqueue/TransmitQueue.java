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

  /** What became of each chain of the burst, beside its head. */
  private static final int BAD_CHAIN = 1 << 16;

  private static final int BAD_FRAME = 1 << 17;

  private final int[] heads = new int[BURST];

  /** For each frame of the burst, how many chains come before it, bad ones included. */
  private final int[] chainsBefore = new int[BURST];

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
    int chains = firsts.read(ring, Math.min(ring.available(BURST), BURST));
    int i = takeUsual(burst, headers, firsts, byteLimit);
    while (i < chains && takenBytes < byteLimit) {
      int taken = -BAD_CHAIN;
      if (chain.read(ring, firsts.head(i), false)) {
        if (burst.fragmentRoom() <= chain.count()) {
          break;
        }
        taken = take(burst, headers, chain, i);
      }
      note(burst, firsts, i, taken);
      i++;
    }
    polled = i;
    ring.advance(i);
    return i;
  }

  private void note(FrameBurst burst, PrivateDescriptors firsts, int i, int taken) {
    if (taken < 0) {
      heads[i] = firsts.head(i) | -taken;
    } else {
      heads[i] = firsts.head(i);
      chainsBefore[burst.count() - 1] = i;
      takenBytes += taken;
    }
  }

  /** Takes the first chains as long as they are as nearly always, one buffer with a whole frame. */
  private int takeUsual(
      FrameBurst burst, PrivateHeaders headers, PrivateDescriptors firsts, long byteLimit) {
    GuestMemory memory = ring.memory;
    int located =
        firsts.locate(
            memory,
            0,
            headerLength + ETHERNET_HEADER,
            headerLength + ReceiveQueue.LARGEST_SUPER_FRAME);
    long bytes = 0;
    int chains = 0;
    while (chains < located && bytes < byteLimit) {
      bytes += firsts.length(chains++);
    }
    takenBytes = 0;
    if (chains > 1) {
      firsts.touch(memory, chains);
    }
    MemorySegment privateMemory = headers.memory();
    int wanted = headerLength + PrivateHeaders.PRIVATE_BYTES;
    for (int i = 0; i < chains; i++) {
      MemorySegment.copy(
          memory.segment(firsts.region(i)),
          firsts.offset(i),
          privateMemory,
          PrivateHeaders.frameStart(i) - headerLength,
          Math.min(firsts.length(i), wanted));
    }
    int region = headers.region();
    for (int i = 0; i < chains; i++) {
      int length = firsts.length(i);
      int taken = Math.min(length, wanted);
      long start = PrivateHeaders.frameStart(i);
      burst.addFragment(region, start, taken - headerLength);
      if (taken < length) {
        int id = memory.regionId(firsts.region(i));
        burst.addFragment(id, firsts.offset(i) + taken, length - taken);
      }
      int frame = endFrame(burst, privateMemory, start - headerLength, length - headerLength);
      note(burst, firsts, i, frame);
    }
    return chains;
  }

  /**
   * Adds the frame that the chain holds to the burst.
   *
   * @param slot where in private memory
   * @return its size; or, if it is bad, {@link #BAD_CHAIN} or {@link #BAD_FRAME}, negative
   */
  private int take(FrameBurst burst, PrivateHeaders headers, DescriptorChain chain, int slot) {
    int length = chain.total() - headerLength;
    if (length < ETHERNET_HEADER) {
      return -BAD_FRAME;
    }
    long frameStart = PrivateHeaders.frameStart(slot);
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
    return endFrame(burst, privateMemory, target, length);
  }

  /** Finishes a frame whose header was taken to {@code at}; returns as {@link #take}. */
  private int endFrame(FrameBurst burst, MemorySegment privateMemory, long at, int length) {
    long fields = privateMemory.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
    int checksumOffset = 0;
    if (fields != 0) {
      checksumOffset = privateMemory.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 8) & 0xffff;
      fields = VirtioNet.checkedOffload(fields, checksumOffset, length, allowedOffloads);
    }
    if (fields == VirtioNet.BAD_OFFLOAD || length > ReceiveQueue.LARGEST_SUPER_FRAME) {
      burst.abandonFrame();
      return -BAD_FRAME;
    }
    burst.endFrame(network, length, fields, fields == 0 ? 0 : checksumOffset);
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
    int done = frames < burst.count() ? chainsBefore[frames] : polled;
    finishing = done;
    countBad(done);
    for (int i = 0; i < done; i++) {
      ring.complete(heads[i] & 0xffff, 0);
    }
    ring.advance(done - polled);
    polled = 0;
  }

  /**
   * As {@link #finish}, but a port still reads frames of the burst: the driver gets nothing of it
   * back until {@link #finishHeld}. There is no poll before that.
   */
  public void finishLater(FrameBurst burst, int frames) {
    held = frames < burst.count() ? chainsBefore[frames] : polled;
    countBad(held);
    ring.advance(held - polled);
    polled = 0;
  }

  /** No port reads the burst any more: completes it. Not published yet. */
  public void finishHeld() {
    for (int i = 0; i < held; i++) {
      ring.complete(heads[i] & 0xffff, 0);
    }
    held = 0;
  }

  private void countBad(int chains) {
    badChains = 0;
    badFrames = 0;
    for (int i = 0; i < chains; i++) {
      badChains += heads[i] >>> 16 & 1;
      badFrames += heads[i] >>> 17;
    }
  }

  /**
   * After a failure anywhere between two polls: as {@link #finish}, which may have begun.
   *
   * @param frames how many were dealt with, if {@link #finish} has not been told
   * @return how many were dealt with
   */
  public int recover(FrameBurst burst, int frames) {
    int done = finishing >= 0 ? finishing : frames < burst.count() ? chainsBefore[frames] : polled;
    int completed = (ring.filled() - start) & 0xffff;
    countBad(done);
    for (int i = completed; i < done; i++) {
      ring.complete(heads[i] & 0xffff, 0);
    }
    ring.resumeAt(start + done);
    polled = 0;
    int count = 0;
    while (count < burst.count() && chainsBefore[count] < done) {
      count++;
    }
    return count;
  }

  /** The ring underneath: publishing, calls, kicks. */
  public Virtqueue ring() {
    return ring;
  }
}
