package dev.outboard.guest;

import java.util.List;

/**
 * One end of a {@link Conversation}: sends messages of one or more frames by a device, and knows up
 * to which number messages of the other end have come. Used by one thread; nothing is allocated
 * after it is made.
 *
 * <p>The first frame of a message carries its number, or all parts of a stream do. Fragments but
 * the first carry none, are foreign to the check, and come behind the first: so a message has come
 * when as many of them have as belong to it.
 */
final class Mouth {
  private static final int BURST = 32;

  private final GuestDevice device;
  private final List<FrameTemplate> out;
  private final FrameCheck check;
  private final boolean numbered;
  private final int tails;
  private final int parts;

  /** Frames of a message that the device has taken already. */
  private int begun;

  private long frames;
  private long foreignBefore;

  /**
   * @param out the frames of a message that is sent
   * @param in those of one that comes
   */
  Mouth(GuestDevice device, List<FrameTemplate> out, List<FrameTemplate> in) {
    this.device = device;
    this.out = out;
    check = new FrameCheck(in.getFirst());
    numbered = out.getFirst().kind() == FrameTemplate.Kind.TCP;
    boolean stream = in.getFirst().kind() == FrameTemplate.Kind.TCP;
    parts = stream ? in.size() : 1;
    tails = stream ? 0 : in.size() - 1;
  }

  /** Hot: sends messages from this number on; how many the device took whole. */
  int send(long number, int count) {
    if (out.size() == 1) {
      int taken = device.send(out.getFirst(), number, count);
      frames += taken;
      return taken;
    }
    for (int i = 0; i < count; i++) {
      while (begun < out.size()) {
        long sequence = numbered ? (number + i) * out.size() + begun : number + i;
        if (device.send(out.get(begun), sequence, 1) == 0) {
          return i;
        }
        begun++;
        frames++;
      }
      begun = 0;
    }
    return count;
  }

  /** Hot: takes what has come; whether there was anything. */
  boolean receive() {
    return device.receive(check, BURST) > 0;
  }

  /** Up to which number messages have come, or are known to be lost. */
  long position() {
    long heads = check.position() / parts;
    if (tails == 0) {
      return heads;
    }
    long whole = (check.foreign() - foreignBefore) / tails;
    if (heads - whole > 1) {
      // A fragment was lost, and nobody waits for its message any more.
      whole = heads - 1;
      foreignBefore = check.foreign() - whole * tails;
    }
    return Math.min(heads, whole);
  }

  /** Forgets what was missing: the other end goes on with this number. */
  void expect(long number) {
    check.expect(number * parts);
    foreignBefore = check.foreign() - number * tails;
  }

  void await(long nanos) {
    device.await(nanos);
  }

  /** Frames that were sent. */
  long framesSent() {
    return frames;
  }

  /** Frames that came, fragments too. */
  long framesReceived() {
    return check.frames() + (tails == 0 ? 0 : check.foreign());
  }

  long bytesReceived() {
    return check.bytes();
  }

  long corrupt() {
    return check.corrupt();
  }
}
