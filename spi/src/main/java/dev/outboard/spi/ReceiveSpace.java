package dev.outboard.spi;

import java.lang.foreign.MemorySegment;

/**
 * Empty receive buffers of one guest, which its {@link GuestPort} reads straight into. The engine
 * fills in the buffers in the order of the guest's ring; the port fills in, frame by frame, how
 * many bytes it has written, and takes buffers from the front.
 *
 * <pre>
 *   buffer b     firstFragment(b) .. firstFragment(b+1)      one descriptor chain of the guest's
 *   fragment f   region, offset, length                      writable bytes of it
 *   frame i      firstBuffer, buffers, written               what the port has made of them
 * </pre>
 *
 * <p>The first {@link #headerLength()} bytes of a frame's first buffer are the virtio-net header,
 * which the port writes as well: the first 10 bytes say what the frame needs, and all that the port
 * knows nothing of is 0 (the engine then sets the number of buffers). If {@link #mergeable()}, a
 * frame may run on into the following buffers, which are taken whole; else it must fit one buffer.
 * A port that can't tell a frame's size before it reads it goes on only while there is room for
 * {@link #largestFrame()}.
 */
public final class ReceiveSpace {
  private final RegionTable table;
  private MemorySegment[] segments;

  private final int[] firstFragment;
  private int buffers;

  private final int[] region;
  private final long[] offset;
  private final int[] length;
  private int fragments;

  private final int[] frameFirstBuffer;
  private final int[] frameBuffers;
  private final int[] frameWritten;
  private int frames;
  private int buffersTaken;

  private boolean mergeable;
  private int headerLength;
  private int largestFrame;

  /** Space for so many frames, in so many buffers, of so many fragments in all. */
  public ReceiveSpace(
      RegionTable table, int frameCapacity, int bufferCapacity, int fragmentCapacity) {
    this.table = table;
    segments = table.snapshot();
    firstFragment = new int[bufferCapacity + 1];
    region = new int[fragmentCapacity];
    offset = new long[fragmentCapacity];
    length = new int[fragmentCapacity];
    frameFirstBuffer = new int[frameCapacity];
    frameBuffers = new int[frameCapacity];
    frameWritten = new int[frameCapacity];
  }

  /** Empties the space for a guest with these properties; the engine alone. */
  public void clear(boolean takesMergedBuffers, int virtioHeaderLength, int largestFrameBytes) {
    segments = table.snapshot();
    buffers = 0;
    fragments = 0;
    frames = 0;
    buffersTaken = 0;
    mergeable = takesMergedBuffers;
    headerLength = virtioHeaderLength;
    largestFrame = largestFrameBytes;
  }

  /** Adds a writable fragment to the buffer that {@link #endBuffer} will finish. */
  public void addFragment(int regionId, long start, int bytes) {
    int f = fragments;
    region[f] = regionId;
    offset[f] = start;
    length[f] = bytes;
    fragments = f + 1;
  }

  /** Finishes a buffer made of the fragments added since the last one. */
  public void endBuffer() {
    firstFragment[++buffers] = fragments;
  }

  /** Whether there is room for one more buffer of so many fragments. */
  public boolean hasRoom(int moreFragments) {
    return buffers < firstFragment.length - 1 && fragments + moreFragments <= region.length;
  }

  /** Whether a frame may take several buffers. */
  public boolean mergeable() {
    return mergeable;
  }

  /** Size of the virtio-net header in front of each frame, 10 bytes at least. */
  public int headerLength() {
    return headerLength;
  }

  /** The most bytes a frame may have, the virtio-net header included. */
  public int largestFrame() {
    return largestFrame;
  }

  /** How many buffers there are. */
  public int bufferCount() {
    return buffers;
  }

  /** How many fragments there are. */
  public int fragmentCount() {
    return fragments;
  }

  /** The first fragment of a buffer; for {@code bufferCount()} the number of fragments. */
  public int firstFragment(int buffer) {
    return buffer == 0 ? 0 : firstFragment[buffer];
  }

  /** A fragment's size in bytes. */
  public int fragmentLength(int f) {
    return length[f];
  }

  /**
   * The address of a fragment's first byte, for native calls only; checked to lie in its region.
   */
  public long address(int f) {
    MemorySegment segment = segments[region[f]];
    long start = offset[f];
    if (start < 0 || length[f] < 0 || start > segment.byteSize() - length[f]) {
      throw new IndexOutOfBoundsException("fragment outside its region");
    }
    return segment.address() + start;
  }

  /** The bounded segment of the live region that holds the fragment. */
  public MemorySegment segment(int f) {
    return segments[region[f]];
  }

  /** Where the fragment starts in its segment. */
  public long offset(int f) {
    return offset[f];
  }

  /** The first buffer that no frame has taken yet. */
  public int nextBuffer() {
    return buffersTaken;
  }

  /** How many more frames may be recorded. */
  public int frameRoom() {
    return frameWritten.length - frames;
  }

  /**
   * Records a frame at {@link #nextBuffer()}.
   *
   * @param buffersUsed how many buffers it takes, from there on
   * @param bytes how many bytes were written, the virtio-net header included
   */
  public void addFrame(int buffersUsed, int bytes) {
    if (buffersUsed <= 0 || buffersUsed > buffers - buffersTaken || frames == frameWritten.length) {
      throw new IllegalArgumentException("more buffers or frames than there are");
    }
    frameFirstBuffer[frames] = buffersTaken;
    frameBuffers[frames] = buffersUsed;
    frameWritten[frames] = bytes;
    buffersTaken += buffersUsed;
    frames++;
  }

  /** How many frames were recorded. */
  public int frameCount() {
    return frames;
  }

  /** The first buffer of a recorded frame. */
  public int frameFirstBuffer(int i) {
    return frameFirstBuffer[i];
  }

  /** How many buffers a recorded frame takes. */
  public int frameBuffers(int i) {
    return frameBuffers[i];
  }

  /** How many bytes were written of a recorded frame, the virtio-net header included. */
  public int frameWritten(int i) {
    return frameWritten[i];
  }
}
