package dev.outboard.integration.daemon;

import dev.outboard.engine.Engine;
import dev.outboard.integration.UserException;
import dev.outboard.spi.NotifierProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * The notifiers a configuration can name: epoll, which is built in, and what the class path offers.
 * Used at start.
 */
final class Notifiers {
  /** What {@code auto} tries first, where it is installed: see docs/adr on why. */
  private static final String FAVOURITE = "iouring";

  private Notifiers() {}

  /** All of them, in the order in which {@code auto} tries them. */
  static List<NotifierProvider> bestFirst() throws UserException {
    List<NotifierProvider> all = new ArrayList<>();
    all.add(Engine.epoll());
    ServiceLoader.load(NotifierProvider.class).forEach(all::add);
    Map<String, NotifierProvider> byName = Services.byName(all, "notifier", NotifierProvider::name);
    List<NotifierProvider> ordered = new ArrayList<>();
    for (String name : List.of(FAVOURITE, Engine.epoll().name())) {
      NotifierProvider known = byName.remove(name);
      if (known != null) {
        ordered.add(known);
      }
    }
    ordered.addAll(byName.values());
    return ordered;
  }
}
