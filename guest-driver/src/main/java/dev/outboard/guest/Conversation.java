package dev.outboard.guest;

import java.util.Collections;
import java.util.List;

/**
 * What the guests of a {@link Crowd} say to each other: a question is some frames, and an answer is
 * due for every so many questions. Immutable.
 *
 * @param size of a question: with UDP the payload in bytes, with TCP too
 * @param answer payload bytes of an answer, which is one frame, or as many as the question if equal
 * @param window questions without an answer at most
 * @param every an answer for so many questions
 * @param kind UDP: a question that is too long for a frame is fragments; TCP: a super-frame
 * @param parts TCP only: the question is so many frames of equal size in place of a super-frame
 */
record Conversation(
    int size, int answer, int window, int every, FrameTemplate.Kind kind, int parts) {
  private static final int SEGMENT = 1448;
  private static final int UDP = Frames.ETHERNET_HEADER + Frames.IPV4_HEADER + Frames.UDP_HEADER;
  private static final int TCP = Frames.ETHERNET_HEADER + Frames.IPV4_HEADER + Frames.TCP_HEADER;

  static Conversation of(KeyValues settings) {
    int size = settings.number("size", 18);
    return new Conversation(
        size,
        settings.number("answer", size),
        settings.number("window", 1),
        settings.number("every", 1),
        settings.choice("kind", FrameTemplate.Kind.class, FrameTemplate.Kind.UDP),
        settings.number("parts", 1));
  }

  /** The frames of a question from a device that sends Ethernet frames. */
  List<FrameTemplate> question(Endpoint from, Endpoint to) {
    return frames(from, to, size);
  }

  /** The frames of an answer. */
  List<FrameTemplate> answer(Endpoint from, Endpoint to) {
    return frames(from, to, answer);
  }

  private List<FrameTemplate> frames(Endpoint from, Endpoint to, int bytes) {
    if (kind == FrameTemplate.Kind.TCP) {
      FrameTemplate part = FrameTemplate.tcp(from, to, TCP + bytes / parts, SEGMENT);
      return Collections.nCopies(parts, part);
    }
    return FrameTemplate.datagram(from, to, bytes);
  }

  /** A socket is given the whole, which the kernel cuts. */
  static List<FrameTemplate> whole(Endpoint from, Endpoint to, int bytes) {
    return List.of(FrameTemplate.udp(from, to, UDP + bytes));
  }
}
