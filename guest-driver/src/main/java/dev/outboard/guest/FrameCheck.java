package dev.outboard.guest;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The receiver of a load: counts the frames of one template and checks that none is lost, doubled,
 * out of order or changed. Final and without allocation, so that the receive loop inlines it. One
 * thread at a time.
 *
 * <p>Frames of another kind, such as a bridge's own, are counted as foreign and otherwise ignored.
 */
public final class FrameCheck {
  private static final ValueLayout.OfShort BIG_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt BIG_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int TYPE_OFFSET = 12;
  private static final int CHECKSUM_LENGTH = 4;

  private final FrameTemplate template;
  private final boolean tcp;
  private final boolean raw;
  private final boolean content;
  private final int type;
  private final int ports;
  private final int length;
  private final int payloadOffset;
  private final int transportOffset;

  private long frames;
  private long bytes;
  private long payloadBytes;
  private long next;
  private long lost;
  private long late;
  private long lastLate = -2;
  private long rewinds;
  private long corrupt;
  private long foreign;

  /** Expects the frames of this template, from sequence number 0 on. */
  public FrameCheck(FrameTemplate template) {
    this.template = template;
    tcp = template.kind() == FrameTemplate.Kind.TCP;
    raw = template.kind() == FrameTemplate.Kind.RAW;
    content = template.hasContent();
    length = template.length();
    payloadOffset = template.payloadOffset();
    transportOffset = template.transportOffset();
    MemorySegment image = template.image();
    type = image.get(BIG_SHORT, VirtioNet.HEADER_SIZE + TYPE_OFFSET) & 0xffff;
    ports = raw ? 0 : image.get(BIG_INT, VirtioNet.HEADER_SIZE + transportOffset);
  }

  /**
   * Hot: takes a frame, the virtio-net header at {@code offset}. Both sizes include that header:
   * {@code piece} is what lies there, {@code size} all of the frame. They are equal if {@link
   * #needsContent}.
   */
  void accept(MemorySegment memory, long offset, int piece, int size) {
    long frame = offset + VirtioNet.HEADER_SIZE;
    int frameLength = size - VirtioNet.HEADER_SIZE;
    if (isForeign(memory, frame, piece - VirtioNet.HEADER_SIZE)) {
      foreign++;
      return;
    }
    frames++;
    bytes += frameLength;
    if (tcp) {
      acceptStream(memory, frame, frameLength);
    } else {
      acceptNumbered(memory, frame, frameLength);
    }
    if (content) {
      checkContent(memory, offset, frameLength);
    }
  }

  /** Whether a frame must be in one piece to be checked. */
  boolean needsContent() {
    return content;
  }

  private boolean isForeign(MemorySegment memory, long frame, int piece) {
    // Any frame of ours is long enough for all the fields that are read here.
    if (piece < payloadOffset || (!tcp && piece < payloadOffset + Long.BYTES)) {
      return true;
    }
    if ((memory.get(BIG_SHORT, frame + TYPE_OFFSET) & 0xffff) != type) {
      return true;
    }
    return !raw && memory.get(BIG_INT, frame + transportOffset) != ports;
  }

  private void acceptNumbered(MemorySegment memory, long frame, int frameLength) {
    if (frameLength != length) {
      corrupt++;
    }
    payloadBytes += frameLength - payloadOffset;
    long sequence = memory.get(FrameTemplate.SEQUENCE, frame + payloadOffset);
    if (sequence == next) {
      next++;
    } else if (sequence > next) {
      lost += sequence - next;
      next = sequence + 1;
    } else {
      late++;
      if (sequence != lastLate + 1) {
        rewinds++;
      }
      lastLate = sequence;
    }
  }

  /** For TCP, {@code next} and {@code lost} count bytes of the stream, not frames. */
  private void acceptStream(MemorySegment memory, long frame, int frameLength) {
    int payload = frameLength - payloadOffset;
    payloadBytes += payload;
    int place =
        memory.get(
            FrameTemplate.TCP_SEQUENCE,
            frame + transportOffset + FrameTemplate.TCP_SEQUENCE_OFFSET);
    int ahead = place - (int) next;
    if (ahead == 0) {
      next += payload;
    } else if (ahead > 0) {
      lost += ahead;
      next += ahead + payload;
    } else {
      late++;
    }
  }

  private void checkContent(MemorySegment memory, long offset, int frameLength) {
    int payload = frameLength - payloadOffset;
    long at = offset + VirtioNet.HEADER_SIZE + payloadOffset;
    // For a stream, next is behind this frame already.
    long sequence = tcp ? 0 : memory.get(FrameTemplate.SEQUENCE, at);
    long from = tcp ? next - payload : 0;
    for (int i = tcp ? 0 : Long.BYTES; i < payload; i++) {
      if (memory.get(ValueLayout.JAVA_BYTE, at + i) != template.expected(sequence, from + i)) {
        corrupt++;
        return;
      }
    }
    if (!raw && !checksumHolds(memory, offset, frameLength)) {
      corrupt++;
    }
  }

  private boolean checksumHolds(MemorySegment memory, long offset, int frameLength) {
    int flags = memory.get(ValueLayout.JAVA_BYTE, offset + VirtioNet.HEADER_FLAGS);
    long frame = offset + VirtioNet.HEADER_SIZE;
    int field = tcp ? 16 : 6;
    if ((flags & VirtioNet.NEEDS_CHECKSUM) != 0) {
      long header = memory.get(FrameTemplate.SEQUENCE, offset + CHECKSUM_LENGTH) >>> 16;
      return (header & 0xffff) == transportOffset && (header >>> 16 & 0xffff) == field;
    }
    byte[] segment = new byte[frameLength - transportOffset];
    MemorySegment.copy(
        memory, ValueLayout.JAVA_BYTE, frame + transportOffset, segment, 0, segment.length);
    if (!tcp && segment[field] == 0 && segment[field + 1] == 0) {
      // In UDP that means that there is none; in TCP it is a sum like any other.
      return true;
    }
    int addresses = type == Frames.TYPE_IPV4 ? 4 : 16;
    byte[] both = new byte[2 * addresses];
    MemorySegment.copy(
        memory, ValueLayout.JAVA_BYTE, frame + transportOffset - both.length, both, 0, both.length);
    int protocol = tcp ? Frames.PROTOCOL_TCP : Frames.PROTOCOL_UDP;
    int pseudo = Frames.pseudoHeaderSum(both, new byte[0], protocol, segment.length);
    return Frames.sum(segment, 0, segment.length, pseudo) == 0xffff;
  }

  /** Forgets what was missing: the sender goes on with this number. */
  public void expect(long sequence) {
    next = tcp ? sequence * template.payloadLength() : sequence;
  }

  /** Counts what the sender has sent up to this number, and is not here, as lost. */
  public void giveUp(long sequence) {
    long end = tcp ? sequence * template.payloadLength() : sequence;
    if (end > next) {
      lost += end - next;
      next = end;
    }
  }

  /** All that is counted, for {@link #adopt} in another process. */
  long[] counts() {
    return new long[] {frames, bytes, payloadBytes, next, lost, late, corrupt, foreign};
  }

  /** Takes over what another process has counted. */
  void adopt(long[] counts) {
    frames = counts[0];
    bytes = counts[1];
    payloadBytes = counts[2];
    next = counts[3];
    lost = counts[4];
    late = counts[5];
    corrupt = counts[6];
    foreign = counts[7];
  }

  public FrameTemplate template() {
    return template;
  }

  /** Frames of the template's kind that came, late ones too. */
  public long frames() {
    return frames;
  }

  /** Bytes of those frames from the Ethernet header on. */
  public long bytes() {
    return bytes;
  }

  public long payloadBytes() {
    return payloadBytes;
  }

  /** How many of the sender's frames are here or known to be lost; hot. */
  public long position() {
    return tcp ? next / template.payloadLength() : next;
  }

  /** Frames (of a stream: payload bytes) that never came. */
  public long lost() {
    return lost;
  }

  /** Frames that came twice, or after a later one. */
  public long late() {
    return late;
  }

  /**
   * Runs of numbered frames that came late, each in order: a sender that goes back and sends a few
   * frames once more makes one.
   */
  public long rewinds() {
    return rewinds;
  }

  /** Frames with a wrong length, content or checksum. */
  public long corrupt() {
    return corrupt;
  }

  public long foreign() {
    return foreign;
  }
}
