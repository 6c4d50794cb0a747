package dev.outboard.integration.plugins;

import dev.outboard.integration.wire.Names;
import dev.outboard.spi.IsolationPolicy;
import dev.outboard.spi.NotifierProvider;
import dev.outboard.spi.TransportProvider;
import java.util.List;
import java.util.stream.Stream;

/** What a plugin can bring. */
enum Kind {
  TRANSPORT(TransportProvider.class),
  NOTIFIER(NotifierProvider.class),
  ISOLATION(IsolationPolicy.class);

  /** What its class implements. */
  final Class<?> type;

  Kind(Class<?> type) {
    this.type = type;
  }

  /** Where a jar names the class. */
  String serviceFile() {
    return "META-INF/services/" + type.getName();
  }

  /** The word for users. */
  String word() {
    return Names.lower(this);
  }

  static List<Kind> all() {
    return Stream.of(values()).toList();
  }
}
