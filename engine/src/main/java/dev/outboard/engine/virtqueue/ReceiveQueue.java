package dev.outboard.engine.virtqueue;

import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.ReceiveSpace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Puts frames into a guest's receive queue.
 *
 * <p>Any worker may deliver here, so the queue has a lock, taken by {@link #tryLock} once per burst
 * and given back after {@link Virtqueue#publish}; nobody ever waits for it on the way of a frame.
 * Everything else is called with the lock held.
 */
public final class ReceiveQueue {
  /** The largest super-frame, from the Ethernet header on: virtio 1.2, section 5.1.6.3.1. */
  public static final int LARGEST_SUPER_FRAME = 65_535 + 14;

  /** The answer of {@link #deliver} for a frame: it is in the queue. */
  public static final int DELIVERED = 0;

  /** There are not enough buffers now. */
  public static final int NO_ROOM = 1;

  /** The frame needs an offload that the guest's driver has not agreed to. */
  public static final int NEEDS_OFFLOAD = 2;

  /** The guest's buffers are too small for the frame, and it does not merge them. */
  public static final int TOO_SMALL = 3;

  /** The queue has been stopped, or its ring is broken. */
  public static final int CLOSED = 4;

  private static final VarHandle LOCK;

  static {
    try {
      LOCK = MethodHandles.lookup().findVarHandle(ReceiveQueue.class, "owner", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Virtqueue ring;
  private final GuestMemory memory;
  private final int headerLength;
  private final boolean mergeable;
  private final int offloads;
  private final int largestFrame;

  /** The id of the thread that holds the lock, or 0. */
  @SuppressWarnings("UnusedVariable") // by LOCK
  private long owner;

  /**
   * The frame being delivered, or the first of so many, and where the ring stood before: to know
   * whether they got there.
   */
  private int frame;

  private int frames;

  private int frameStart;

  /** Where the ring stood when it was last looked ahead. */
  private int aheadOf = -1;

  private boolean stopped;
  private long badChains;

  /**
   * A queue over a ring.
   *
   * @param largestPlainFrame in bytes, for a frame that is not a super-frame
   */
  public ReceiveQueue(Virtqueue ring, long features, int largestPlainFrame) {
    this.ring = ring;
    memory = ring.memory;
    headerLength = VirtioNet.headerLength(features);
    mergeable = (features & VirtioNet.MRG_RXBUF) != 0;
    offloads = VirtioNet.receiveOffloads(features);
    boolean superFrames = (features & (VirtioNet.GUEST_TSO4 | VirtioNet.GUEST_TSO6)) != 0;
    largestFrame = headerLength + (superFrames ? LARGEST_SUPER_FRAME : largestPlainFrame);
  }

  /** Takes the lock if it is free. */
  public boolean tryLock() {
    if (!LOCK.compareAndSet(this, 0L, Thread.currentThread().threadId())) {
      return false;
    }
    frame = -1;
    return true;
  }

  /** Gives the lock back. */
  public void unlock() {
    LOCK.setRelease(this, 0L);
  }

  /** Whether the calling thread holds the lock. */
  public boolean isHeldHere() {
    return (long) LOCK.getOpaque(this) == Thread.currentThread().threadId();
  }

  /**
   * After a failure, with the lock held: takes back what was done of frames that did not get there.
   *
   * @param i the frame that was being dealt with
   * @return how many were delivered, from that one on
   */
  public int recover(int i) {
    ring.resumeAt(ring.taken());
    return frame == i && ring.taken() != frameStart ? frames : 0;
  }

  /** After a failure of its memory, with the lock held: nothing of it is touched any more. */
  public void abandon() {
    stopped = true;
    ring.forget();
  }

  /** Nothing is delivered any more: the guest's memory has failed. Any thread. */
  public void fail() {
    stopped = true;
  }

  /** Nothing is delivered any more; waits for the lock, for the control of the guest alone. */
  public void stop() {
    while (!tryLock()) {
      Thread.onSpinWait();
    }
    stopped = true;
    unlock();
  }

  /** The offloads that the guest's driver takes. */
  public int offloads() {
    return offloads;
  }

  /** How many buffers there are, or more than that many. */
  public int buffers(int wanted) {
    return stopped ? 0 : ring.available(wanted);
  }

  /** Delivers frame {@code i}; not published yet. Returns one of the answers above. */
  public int deliver(FrameBurst burst, int i, Scratch scratch) {
    if ((burst.neededOffloads(i) & ~offloads) != 0) {
      return NEEDS_OFFLOAD;
    }
    int needed = headerLength + burst.length(i);
    MergedBuffers merged = scratch.merged;
    int answer = gather(needed, scratch.chain, merged);
    if (answer != DELIVERED) {
      return answer;
    }
    frameStart = ring.taken();
    frame = i;
    frames = 1;
    merged.copy(burst, i, headerLength);
    merged.complete(0, merged.count(), needed);
    ring.advance(merged.count());
    return DELIVERED;
  }

  /**
   * Delivers frames as nearly all are: they need nothing, and for each there is one buffer that
   * takes all of it. Stops at the first for which that is not so; {@link #deliver} finds out. Not
   * published yet.
   *
   * @param from the first frame
   * @param end behind the last
   * @return how many were delivered
   */
  public int deliverRun(FrameBurst burst, int from, int end, Scratch scratch) {
    if (stopped) {
      return 0;
    }
    PrivateDescriptors buffers = scratch.buffers;
    int[] sizes = scratch.sizes;
    int wanted = end - from;
    int _ = buffers.read(ring, Math.min(ring.available(wanted), wanted));
    int run = fitting(burst, from, buffers, locate(buffers), sizes);
    if (run == 0) {
      return 0;
    }
    MemorySegment target = memory.segment(buffers.region());
    if (run > 1) {
      buffers.touchHeaders(target, run, headerLength);
    }
    frameStart = ring.taken();
    frame = from;
    frames = run;
    putHeaders(target, buffers.offsets(), burst, from, run);
    burst.copyFrames(from, run, target, buffers.offsets(), headerLength);
    ring.complete(buffers.heads(), sizes, run);
    ring.advance(run);
    return run;
  }

  private int locate(PrivateDescriptors buffers) {
    return buffers.locate(
        memory, 0, DescriptorChain.WRITE, headerLength, DescriptorChain.MAX_BYTES);
  }

  /**
   * How many frames in a row need nothing that the driver hasn't agreed to, and fit; and what each
   * of them takes.
   */
  private int fitting(
      FrameBurst burst, int from, PrivateDescriptors buffers, int most, int[] sizes) {
    int header = headerLength;
    for (int i = 0; i < most; i++) {
      int size = header + burst.length(from + i);
      if (buffers.length(i) < size
          || (burst.offload(from + i) != 0 && (burst.neededOffloads(from + i) & ~offloads) != 0)) {
        return i;
      }
      sizes[i] = size;
    }
    return most;
  }

  /**
   * Brings the next buffer's descriptor and header here, if that was not done yet, so that a frame
   * that comes alone does not wait for them. For who has nothing else to do; without the lock.
   */
  public void lookAhead(Scratch scratch) {
    if (aheadOf == ring.taken() || !tryLock()) {
      return;
    }
    if (!stopped && ring.available(1) > 0) {
      PrivateDescriptors buffers = scratch.buffers;
      int _ = buffers.read(ring, 1);
      if (locate(buffers) > 0) {
        buffers.touchHeaders(memory.segment(buffers.region()), 1, headerLength);
      }
      aheadOf = ring.taken();
    }
    unlock();
  }

  /** Finds buffers for {@code needed} bytes, in the order of the ring, without taking them. */
  private int gather(int needed, DescriptorChain chain, MergedBuffers merged) {
    merged.clear(ring);
    int room = 0;
    while (room < needed) {
      if (stopped || ring.broken() != null) {
        return CLOSED;
      }
      int count = merged.count();
      if ((count > 0 && !mergeable) || count == MergedBuffers.MOST) {
        return TOO_SMALL;
      }
      if (ring.available(count + 1) <= count) {
        return NO_ROOM;
      }
      int head = ring.head(count);
      if (head < 0) {
        return CLOSED;
      }
      if (!chain.read(ring, head, true)) {
        returnWith(head, merged);
        room = 0;
      } else if (!merged.hasRoom(chain)) {
        return TOO_SMALL;
      } else {
        merged.add(head, chain);
        room += chain.total();
      }
    }
    return DELIVERED;
  }

  /** A bad chain: it and the gathered ones go back empty, so that the order is kept. */
  private void returnWith(int badHead, MergedBuffers merged) {
    merged.addWhole(badHead, 0);
    merged.returnEmpty();
    badChains++;
  }

  /**
   * Headers, each to the beginning of its buffer. One in a cache line of its own is written only if
   * it isn't there already, as from the buffer's last use: then the line stays in both processors'
   * caches.
   */
  private void putHeaders(
      MemorySegment target, long[] starts, FrameBurst burst, int from, int count) {
    int length = headerLength;
    for (int i = 0; i < count; i++) {
      long start = starts[i];
      long offload = burst.offload(from + i);
      // The checksum's offset, and in the long header behind it the number of buffers: one.
      int rest = burst.checksumOffset(from + i) | 1 << 16;
      if (!PrivateDescriptors.isAlone(start, length) || !hasHeader(target, start, offload, rest)) {
        target.set(ValueLayout.JAVA_LONG_UNALIGNED, start, offload);
        if (length == 12) {
          target.set(ValueLayout.JAVA_INT_UNALIGNED, start + 8, rest);
        } else {
          target.set(ValueLayout.JAVA_SHORT_UNALIGNED, start + 8, (short) rest);
        }
      }
    }
  }

  private boolean hasHeader(MemorySegment target, long start, long offload, int rest) {
    return target.get(ValueLayout.JAVA_LONG_UNALIGNED, start) == offload
        && (headerLength == 12
            ? target.get(ValueLayout.JAVA_INT_UNALIGNED, start + 8) == rest
            : target.get(ValueLayout.JAVA_SHORT_UNALIGNED, start + 8) == (short) rest);
  }

  /**
   * Fills the space with buffers for a direct receive.
   *
   * @param frames how many frames are wanted
   * @return whether there is room for the largest frame
   */
  public boolean offer(ReceiveSpace space, Scratch scratch, int frames) {
    DescriptorChain chain = scratch.chain;
    MergedBuffers merged = scratch.merged;
    space.clear(mergeable, headerLength, largestFrame);
    merged.clear(ring);
    if (stopped) {
      return false;
    }
    long room = 0;
    while (merged.count() < MergedBuffers.MOST
        && (merged.count() < frames || (mergeable && room < 2L * largestFrame))
        && ring.available(merged.count() + 1) > merged.count()) {
      int head = ring.head(merged.count());
      if (head < 0) {
        break;
      }
      if (!chain.read(ring, head, true)) {
        if (merged.count() > 0) {
          break;
        }
        returnWith(head, merged);
        continue;
      }
      if (!space.hasRoom(chain.count())) {
        break;
      }
      for (int b = 0; b < chain.count(); b++) {
        space.addFragment(memory.regionId(chain.region(b)), chain.offset(b), chain.length(b));
      }
      space.endBuffer();
      merged.addWhole(head, chain.total());
      room += chain.total();
    }
    return mergeable ? room >= largestFrame : merged.count() > 0;
  }

  /** Completes what a port has put into the space of the last {@link #offer}; returns bytes. */
  public long take(ReceiveSpace space, Scratch scratch) {
    long bytes = 0;
    for (int i = 0; i < space.frameCount(); i++) {
      int first = space.frameFirstBuffer(i);
      int buffers = space.frameBuffers(i);
      int written = space.frameWritten(i);
      bytes += written - headerLength;
      if (headerLength == 12) {
        setBufferCount(space, space.firstFragment(first), buffers);
      }
      scratch.merged.complete(first, buffers, written);
    }
    ring.advance(space.nextBuffer());
    return bytes;
  }

  /** The last two bytes of the header; the driver may have cut its buffers anywhere. */
  private static void setBufferCount(ReceiveSpace space, int fragment, int buffers) {
    int f = fragment;
    int at = 10;
    for (int b = 0; b < 2; b++) {
      while (at >= space.fragmentLength(f)) {
        at -= space.fragmentLength(f);
        f++;
      }
      space
          .segment(f)
          .set(ValueLayout.JAVA_BYTE, space.offset(f) + at, (byte) (buffers >>> (8 * b)));
      at++;
    }
  }

  /** Chains that the guest had made badly. */
  public long badChains() {
    return badChains;
  }

  /** The ring underneath: publishing, calls, kicks. */
  public Virtqueue ring() {
    return ring;
  }
}
