package dev.outboard.integration.runtime;

import dev.outboard.integration.wire.SwappedWay;
import jakarta.inject.Inject;

/** What swaps have changed of the configuration file; see {@link Declared}. */
final class KeptWays extends Declared<SwappedWay> {
  @Inject
  KeptWays(RuntimeDirectory runtime) {
    super(runtime.ways(), "way", SwappedWay.class, way -> SwappedWay.id(way.kind(), way.name()));
  }
}
