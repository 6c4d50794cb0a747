package dev.outboard.bench.peers;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** How frames go between the two ports of the guests' process. */
enum Shape {
  /** Both ways at once; the guests' process sends by one port what comes in at the other. */
  LOOP,
  /** From the first port to the second; the guests' process brings them back inside itself. */
  ONE_WAY,
  /** As {@link #LOOP}, but the guests read each frame's payload, to compute its UDP checksum. */
  TOUCHED,
  /** As {@link #ONE_WAY}, with a single frame: how long a frame takes. */
  ONE_FRAME;

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** All, as users name them. */
  static List<String> labels() {
    return Stream.of(values()).map(Shape::label).toList();
  }

  /** The one with that name, which there is. */
  static Shape of(String label) {
    return Stream.of(values())
        .filter(shape -> shape.label().equals(label))
        .findFirst()
        .orElseThrow();
  }
}
