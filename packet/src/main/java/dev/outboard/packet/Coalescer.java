package dev.outboard.packet;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.RegionTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Joins the consecutive TCP segments of a flow within one burst to one super-frame, for a guest
 * that takes those. For transports whose frames the engine receives in bursts; one that reads
 * straight into a guest's buffers gets super-frames from the kernel already. One per worker, used
 * by its thread; nothing is allocated or thrown, and payload is not copied.
 *
 * <p>Theory of operation. The rules are those of Linux' generic receive offload, so a guest sees
 * what its own kernel would have made: the same headers but for length, identification, sequence
 * number and checksum; no flags but ACK and PSH; each as long as the first, only the last may be
 * shorter; checksums right, or left to the receiver. PSH ends a super-frame and is kept.
 *
 * <p>A super-frame takes the place of its first segment. So order within a flow is kept if nothing
 * is joined to it any more after a frame of that flow that was not joined. Where a frame's flow
 * can't be told, nothing is joined to anything before it.
 */
public final class Coalescer implements AutoCloseable {
  /** As many as have a fair chance to be met again; a burst is a handful of flows. */
  private static final int MOST_OPEN = 8;

  private static final int LONGEST_PACKET = 65_535;
  private static final int NONE = -1;

  private final RegionTable regions;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment headerMemory;
  private final int headerRegion;
  private final FrameBurst result;
  private final TcpSegment segment = new TcpSegment();
  private final TransportPlace place = new TransportPlace();
  private final FrameCursor cursor = new FrameCursor();

  /** For each frame: the next one of its group, or NONE. */
  private final int[] next;

  /** For each group, in the order of their first frames. */
  private final int[] firstFrame;

  private final int[] lastFrame;
  private final int[] headers;
  private final int[] start;
  private final int[] segmentSize;
  private final int[] length;
  private final int[] nextSequence;
  private final int[] lastId;
  private final int[] idStep;
  private final boolean[] pushed;
  private int groups;

  /** Groups that may still grow. */
  private final int[] open = new int[MOST_OPEN];

  private int openCount;

  /** For bursts of at most so many frames, in so many fragments. */
  public Coalescer(RegionTable regions, int mostFrames, int mostFragments) {
    this.regions = regions;
    headerMemory = arena.allocate((long) mostFrames * Segmenter.LONGEST_HEADERS, 64);
    headerRegion = regions.add(headerMemory);
    result = new FrameBurst(regions, mostFrames, mostFragments + mostFrames);
    next = new int[mostFrames];
    firstFrame = new int[mostFrames];
    lastFrame = new int[mostFrames];
    headers = new int[mostFrames];
    start = new int[mostFrames];
    segmentSize = new int[mostFrames];
    length = new int[mostFrames];
    nextSequence = new int[mostFrames];
    lastId = new int[mostFrames];
    idStep = new int[mostFrames];
    pushed = new boolean[mostFrames];
  }

  /**
   * Joins what can be joined. The first fragment of each frame must hold its headers and be private
   * to the worker.
   *
   * @return all frames, in fragments of the burst's and headers of ours; good until the next call
   */
  public FrameBurst coalesce(FrameBurst burst) {
    groups = 0;
    openCount = 0;
    for (int i = 0; i < burst.count(); i++) {
      place(burst, i);
    }
    result.clear();
    for (int g = 0; g < groups; g++) {
      if (next[firstFrame[g]] == NONE) {
        copy(burst, firstFrame[g]);
      } else {
        join(burst, g);
      }
    }
    return result;
  }

  /** Finds the group of a frame. */
  private void place(FrameBurst burst, int i) {
    next[i] = NONE;
    int kind = segment.read(burst, i);
    if (kind == TcpSegment.UNKNOWN) {
      openCount = 0;
    }
    if (kind == TcpSegment.SEGMENT || kind == TcpSegment.ALONE) {
      int o = openOfSameFlow(burst, i);
      if (o >= 0) {
        int g = open[o];
        if (kind == TcpSegment.SEGMENT && continues(burst, g)) {
          append(i, g, o);
          return;
        }
        close(o);
      }
    }
    firstFrame[groups] = i;
    if (kind == TcpSegment.SEGMENT) {
      begin(i);
    }
    groups++;
  }

  private int openOfSameFlow(FrameBurst burst, int i) {
    for (int o = 0; o < openCount; o++) {
      int other = firstFrame[open[o]];
      int first = burst.firstFragment(other);
      if (burst.network(other) == burst.network(i)
          && burst.nextHop(other) == burst.nextHop(i)
          && segment.isSameFlow(burst.segment(first), burst.offset(first), start[open[o]])) {
        return o;
      }
    }
    return NONE;
  }

  private boolean continues(FrameBurst burst, int g) {
    int first = burst.firstFragment(firstFrame[g]);
    int step = (segment.id() - lastId[g]) & 0xffff;
    boolean idFits = idStep[g] == NONE ? step <= 1 : step == idStep[g];
    return segment.sequence() == nextSequence[g]
        && segment.payload() <= segmentSize[g]
        && length[g] + segment.payload() <= LONGEST_PACKET + Ethernet.HEADER
        && idFits
        && (step == 1 || segment.isUncuttable())
        && segment.hasSameHeaders(burst.segment(first), burst.offset(first), start[g], headers[g]);
  }

  private void begin(int i) {
    int g = groups;
    lastFrame[g] = i;
    headers[g] = segment.headers();
    start[g] = segment.place().start();
    segmentSize[g] = segment.payload();
    length[g] = segment.headers() + segment.payload();
    nextSequence[g] = segment.sequence() + segment.payload();
    lastId[g] = segment.id();
    idStep[g] = NONE;
    pushed[g] = false;
    if (!segment.isPushed()) {
      if (openCount == MOST_OPEN) {
        close(0);
      }
      open[openCount++] = g;
    }
  }

  private void append(int i, int g, int o) {
    next[lastFrame[g]] = i;
    lastFrame[g] = i;
    length[g] += segment.payload();
    nextSequence[g] += segment.payload();
    idStep[g] = (segment.id() - lastId[g]) & 0xffff;
    lastId[g] = segment.id();
    pushed[g] = segment.isPushed();
    if (pushed[g] || segment.payload() < segmentSize[g]) {
      close(o);
    }
  }

  private void close(int o) {
    openCount--;
    System.arraycopy(open, o + 1, open, o, openCount - o);
  }

  private void copy(FrameBurst burst, int i) {
    for (int f = burst.firstFragment(i); f < burst.firstFragment(i + 1); f++) {
      result.addFragment(burst.region(f), burst.offset(f), burst.fragmentLength(f));
    }
    result.endFrame(burst.network(i), burst.length(i), burst.offload(i), burst.checksumOffset(i));
    result.setRoute(result.count() - 1, burst.nextHop(i), burst.flowHash(i));
  }

  private void join(FrameBurst burst, int g) {
    int first = firstFrame[g];
    int fragment = burst.firstFragment(first);
    long at = (long) result.count() * Segmenter.LONGEST_HEADERS;
    MemorySegment.copy(
        burst.segment(fragment), burst.offset(fragment), headerMemory, at, headers[g]);
    boolean found = place.find(headerMemory, at, headers[g]);
    assert found;
    place.setLength(headerMemory, at, length[g]);
    if (place.isIpv4()) {
      place.finishIpv4(headerMemory, at);
    }
    long flags = at + start[g] + TcpSegment.TCP_FLAGS;
    if (pushed[g]) {
      Bytes.put8(headerMemory, flags, Bytes.u8(headerMemory, flags) | TcpSegment.PSH);
    }
    int partial = Checksum.fold(place.pseudoSum(headerMemory, at, length[g]));
    Bytes.put16(headerMemory, at + start[g] + TcpSegment.TCP_CHECKSUM, partial);
    result.addFragment(headerRegion, at, headers[g]);
    for (int i = first; i != NONE; i = next[i]) {
      cursor.start(burst, i);
      cursor.skip(headers[g]);
      cursor.add(burst.length(i) - headers[g], result);
    }
    result.endFrame(burst.network(first), length[g], offload(g), TcpSegment.TCP_CHECKSUM);
    result.setRoute(result.count() - 1, burst.nextHop(first), burst.flowHash(first));
  }

  private long offload(int g) {
    int kind = place.isIpv4() ? FrameBurst.GSO_TCPV4 : FrameBurst.GSO_TCPV6;
    return FrameBurst.NEEDS_CHECKSUM
        | (long) kind << 8
        | (long) headers[g] << 16
        | (long) segmentSize[g] << 32
        | (long) start[g] << 48;
  }

  /** Gives the memory for headers back; its worker has ended. */
  @Override
  public void close() {
    regions.remove(headerRegion);
    arena.close();
  }
}
