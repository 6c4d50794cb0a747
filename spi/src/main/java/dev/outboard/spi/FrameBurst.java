package dev.outboard.spi;

import java.lang.foreign.MemorySegment;

/**
 * A handful of frames on their way, as primitive arrays in two levels: per frame its network, size
 * and offload fields, per fragment where its bytes lie. Bytes stay where they are; a burst only
 * says where.
 *
 * <pre>
 *   frame i      network  length  offload  checksumOffset   firstFragment(i) .. firstFragment(i+1)
 *                                                               |
 *   fragment f   region  offset  length     segment(f)[offset, offset + length) holds the bytes
 * </pre>
 *
 * <p>A frame starts with its Ethernet header; there is no virtio-net header in front: the engine
 * has taken it apart into the offload fields. The first fragment holds the headers and lies in
 * memory private to the worker, so whoever takes the frame sends what was checked; the others lie
 * in guest memory, which the guest may rewrite at any time.
 *
 * <p>Owned by one worker. The callee of {@link FramePort#transmit} may read it until it returns.
 */
public final class FrameBurst {
  /** Needs its checksum filled: the bit in the lowest byte of {@link #offload}. */
  public static final int NEEDS_CHECKSUM = 1;

  /** The token of a frame that must be finished when {@link FramePort#transmit} returns. */
  public static final long NO_TOKEN = -1;

  /** Segmentation kinds, in the second byte of {@link #offload}, as virtio 1.2 section 5.1.6. */
  public static final int GSO_NONE = 0;

  /** TCP over IPv4. */
  public static final int GSO_TCPV4 = 1;

  /** TCP over IPv6. */
  public static final int GSO_TCPV6 = 4;

  /** UDP datagrams of one size, but for the last, over IPv4 or IPv6. */
  public static final int GSO_UDP_L4 = 5;

  private final RegionTable table;
  private MemorySegment[] segments;

  private final int[] network;
  private final int[] length;
  private final long[] offload;
  private final int[] checksumOffset;
  private final int[] firstFragment;
  private final int[] nextHop;
  private final int[] flowHash;
  private final long[] token;
  private int holds;
  private int frames;
  private Priority priority = Priority.STANDARD;

  private final int[] region;
  private final long[] offset;
  private final int[] fragmentLength;
  private int fragments;

  /**
   * A burst with room for so many frames and so many fragments in all.
   *
   * @param table where the fragments' regions are looked up
   */
  public FrameBurst(RegionTable table, int frameCapacity, int fragmentCapacity) {
    this.table = table;
    segments = table.snapshot();
    network = new int[frameCapacity];
    length = new int[frameCapacity];
    offload = new long[frameCapacity];
    checksumOffset = new int[frameCapacity];
    firstFragment = new int[frameCapacity + 1];
    nextHop = new int[frameCapacity];
    flowHash = new int[frameCapacity];
    token = new long[frameCapacity];
    region = new int[fragmentCapacity];
    offset = new long[fragmentCapacity];
    fragmentLength = new int[fragmentCapacity];
  }

  /** Empties the burst and takes the region table as it is now. */
  public void clear() {
    frames = 0;
    fragments = 0;
    priority = Priority.STANDARD;
    segments = table.snapshot();
  }

  /** Says whose frames these are going to be; good until {@link #clear}. The engine. */
  public void setPriority(Priority its) {
    priority = its;
  }

  /**
   * How urgent the frames are. Those that a port is asked to {@link FramePort#transmit transmit} in
   * one call are all of one guest, by one of its queues, so a burst has one priority. Has no
   * meaning where frames are received.
   */
  public Priority priority() {
    return priority;
  }

  /** How many frames there are. */
  public int count() {
    return frames;
  }

  /** How many frames there can be. */
  public int capacity() {
    return network.length;
  }

  /** How many fragments there are, those of an unfinished frame included. */
  public int fragmentCount() {
    return fragments;
  }

  /** How many more fragments there is room for. */
  public int fragmentRoom() {
    return region.length - fragments;
  }

  /** Adds a fragment to the frame that {@link #endFrame} will finish. */
  public void addFragment(int regionId, long start, int bytes) {
    int f = fragments;
    region[f] = regionId;
    offset[f] = start;
    fragmentLength[f] = bytes;
    fragments = f + 1;
  }

  /** Says how long a fragment is, where that was not known when it was added. */
  @EngineOnly
  public void setFragmentLength(int f, int bytes) {
    fragmentLength[f] = bytes;
  }

  /** Says anew where a fragment lies in its region. */
  @EngineOnly
  public void setFragment(int f, long start, int bytes) {
    offset[f] = start;
    fragmentLength[f] = bytes;
  }

  /** Forgets the fragments added since the last finished frame. */
  @EngineOnly
  public void abandonFrame() {
    fragments = frames == 0 ? 0 : firstFragment[frames];
  }

  /**
   * Finishes a frame made of the fragments added since the last one.
   *
   * @param vni the frame's network
   * @param bytes its size, from the Ethernet header on
   * @param offloadFields as {@link #offload}
   * @param checksumAt as {@link #checksumOffset}
   */
  public void endFrame(int vni, int bytes, long offloadFields, int checksumAt) {
    int i = frames;
    if (i == 0) {
      firstFragment[0] = 0;
    }
    network[i] = vni;
    length[i] = bytes;
    offload[i] = offloadFields;
    checksumOffset[i] = checksumAt;
    firstFragment[i + 1] = fragments;
    token[i] = NO_TOKEN;
    frames = i + 1;
  }

  /**
   * Adds frames that need no offload and are laid out alike: the beginning of each in a slot of one
   * region, what is left of it, if anything, in one other. As {@link #addFragment} and {@link
   * #endFrame} for each, in less time.
   *
   * @param vni the frames' network
   * @param count how many frames
   * @param bytes their sizes, from the Ethernet header on
   * @param headRegion where the beginnings lie
   * @param headStart where the first one does, in that region
   * @param headStride from one of them to the next
   * @param headBytes how long a beginning is at most
   * @param restRegion where the rests of longer frames lie
   * @param rests where in that region, for each frame
   */
  @EngineOnly
  public void addFrames(
      int vni,
      int count,
      int[] bytes,
      int headRegion,
      long headStart,
      long headStride,
      int headBytes,
      int restRegion,
      long[] rests) {
    int frame = frames;
    int f = fragments;
    if (frame == 0) {
      firstFragment[0] = 0;
    }
    for (int i = 0; i < count; i++) {
      network[frame + i] = vni;
      length[frame + i] = bytes[i];
      offload[frame + i] = 0;
      checksumOffset[frame + i] = 0;
      token[frame + i] = NO_TOKEN;
    }
    for (int i = 0; i < count; i++) {
      int size = bytes[i];
      region[f] = headRegion;
      offset[f] = headStart + i * headStride;
      fragmentLength[f] = Math.min(size, headBytes);
      f++;
      if (size > headBytes) {
        region[f] = restRegion;
        offset[f] = rests[i];
        fragmentLength[f] = size - headBytes;
        f++;
      }
      firstFragment[frame + i + 1] = f;
    }
    frames = frame + count;
    fragments = f;
  }

  /**
   * Says what a frame needs that was added without.
   *
   * @param fields as {@link #offload}
   * @param checksumAt as {@link #checksumOffset}
   */
  @EngineOnly
  public void setOffload(int i, long fields, int checksumAt) {
    offload[i] = fields;
    checksumOffset[i] = checksumAt;
  }

  /**
   * Copies frames that follow each other, each to a place of its own.
   *
   * @param from the first of them
   * @param count how many
   * @param target where to
   * @param places where in it, for each
   * @param skip how many bytes behind that place a frame starts
   */
  @EngineOnly
  public void copyFrames(int from, int count, MemorySegment target, long[] places, int skip) {
    // Each copy is a call, behind which fields and what is known of them are read anew.
    MemorySegment[] segmentOf = segments;
    int[] first = firstFragment;
    int[] in = region;
    long[] at = offset;
    int[] bytes = fragmentLength;
    for (int i = 0; i < count; i++) {
      long to = places[i] + skip;
      int end = first[from + i + 1];
      for (int f = first[from + i]; f < end; f++) {
        MemorySegment.copy(segmentOf[in[f]], at[f], target, to, bytes[f]);
        to += bytes[f];
      }
    }
  }

  /**
   * Says where a frame goes, or came from, by a shared port.
   *
   * @param hop the {@link NextHop}'s number
   * @param hash as {@link #flowHash}
   */
  public void setRoute(int i, int hop, int hash) {
    nextHop[i] = hop;
    flowHash[i] = hash;
  }

  /** The number of the frame's {@link NextHop}; has a meaning at a {@link SharedPort} only. */
  public int nextHop(int i) {
    return nextHop[i];
  }

  /**
   * A number that all frames of a flow have in common, for whoever spreads flows over paths. Has a
   * meaning at a {@link SharedPort} only; 0 for a received frame whose flow is not known.
   */
  public int flowHash(int i) {
    return flowHash[i];
  }

  /** Allows the port to {@link #hold} a frame under this token; the engine. */
  public void setToken(int i, long value) {
    token[i] = value;
  }

  /** Under which token a port may {@link #hold} a frame, or {@link #NO_TOKEN}. */
  public long token(int i) {
    return token[i];
  }

  /**
   * Says that the port goes on reading the frame's payload after {@link FramePort#transmit}, until
   * it gives the token back by {@link FramePort#reclaim}. The payload is all but the first
   * fragment, which is valid during the call only. Once for each frame that is accepted; several
   * frames may have the same token, which comes back as often.
   */
  public void hold(int i) {
    if (token[i] == NO_TOKEN) {
      throw new IllegalArgumentException("a frame that must not be held");
    }
    holds++;
  }

  /** How often {@link #hold} was called since the last time this was asked; the engine. */
  public int takeHolds() {
    int taken = holds;
    holds = 0;
    return taken;
  }

  /** The frame's network (VNI). */
  public int network(int i) {
    return network[i];
  }

  /** The frame's size in bytes, from the Ethernet header on. */
  public int length(int i) {
    return length[i];
  }

  /**
   * The offload fields, as the first eight bytes of the virtio-net header hold them, read as a
   * little-endian number: flags (8 bits), segmentation kind (8), header length (16), segment size
   * (16), checksum start (16). Zero for a plain frame. Checked against the frame. Flags other than
   * {@link #NEEDS_CHECKSUM}, and kinds other than the {@code GSO_} ones, are not set until they
   * have names, too; who meets one that it does not know drops the frame.
   */
  public long offload(int i) {
    return offload[i];
  }

  /** Says that a frame's checksum has been filled in: it needs nothing more. */
  public void clearOffload(int i) {
    offload[i] = 0;
    checksumOffset[i] = 0;
  }

  /** Whether the transport checksum is still to be filled in. */
  public boolean needsChecksum(int i) {
    return (offload[i] & NEEDS_CHECKSUM) != 0;
  }

  /** One of the {@code GSO_} kinds. */
  public int segmentation(int i) {
    return (int) (offload[i] >>> 8) & 0xff;
  }

  /** How many bytes of headers each segment repeats; a hint of the guest's. */
  public int headerLength(int i) {
    return (int) (offload[i] >>> 16) & 0xffff;
  }

  /** Bytes of payload per segment. */
  public int segmentSize(int i) {
    return (int) (offload[i] >>> 32) & 0xffff;
  }

  /** Where the checksum starts to be summed, from the frame's first byte. */
  public int checksumStart(int i) {
    return (int) (offload[i] >>> 48) & 0xffff;
  }

  /** Where the sum belongs, from {@link #checksumStart} on. */
  public int checksumOffset(int i) {
    return checksumOffset[i];
  }

  /** Which {@link Offloads} whoever takes the frame must have. */
  public int neededOffloads(int i) {
    long fields = offload[i];
    return fields == 0 ? 0 : neededOffloads(fields);
  }

  private static int neededOffloads(long fields) {
    int needed = (fields & NEEDS_CHECKSUM) != 0 ? Offloads.CHECKSUM : 0;
    return switch ((int) (fields >>> 8) & 0xff) {
      case GSO_TCPV4 -> needed | Offloads.TSO4;
      case GSO_TCPV6 -> needed | Offloads.TSO6;
      case GSO_UDP_L4 -> needed | Offloads.USO;
      default -> needed;
    };
  }

  /** The frame's first fragment; its last is {@code firstFragment(i + 1) - 1}. */
  public int firstFragment(int i) {
    return firstFragment[i];
  }

  /** The number of the region that holds the fragment. */
  public int region(int f) {
    return region[f];
  }

  /** Where the fragment starts in its segment. */
  public long offset(int f) {
    return offset[f];
  }

  /** The fragment's size in bytes. */
  public int fragmentLength(int f) {
    return fragmentLength[f];
  }

  /** The bounded segment of the live region that holds the fragment. */
  public MemorySegment segment(int f) {
    return segments[region[f]];
  }

  /**
   * The address of the fragment's first byte, for native calls only; the whole fragment has been
   * checked to lie in its region.
   */
  public long address(int f) {
    MemorySegment segment = segments[region[f]];
    long start = offset[f];
    int bytes = fragmentLength[f];
    if (start < 0 || bytes < 0 || start > segment.byteSize() - bytes) {
      throw new IndexOutOfBoundsException("fragment outside its region");
    }
    return segment.address() + start;
  }
}
