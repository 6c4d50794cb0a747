package dev.outboard.integration.daemon;

import dev.outboard.engine.Engine;
import dev.outboard.spi.Notifier;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The notifiers a configuration can name, the best first. Used at start. */
final class Notifiers {
  private static final String EPOLL = "epoll";

  private final Map<String, Supplier<Notifier>> makers = Map.of(EPOLL, () -> Engine.epoll().get());

  List<String> names() {
    return List.of(EPOLL);
  }

  Supplier<Notifier> maker(String name) {
    return makers.get(name);
  }
}
