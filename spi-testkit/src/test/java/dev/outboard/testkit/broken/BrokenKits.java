package dev.outboard.testkit.broken;

import dev.outboard.spi.TransportProvider;
import dev.outboard.testkit.GuestTransportKit;
import dev.outboard.testkit.SharedTransportKit;
import dev.outboard.testkit.Side;
import dev.outboard.testkit.TransportKit;
import java.time.Duration;

/** The suites, run against the transport whose fault is set. Not found as tests by themselves. */
final class BrokenKits {
  private static volatile Duration patience;
  private static volatile TransportProvider provider;

  private BrokenKits() {}

  /** The suite that must find this fault, and waits so long. */
  static Class<? extends TransportKit> of(Fault fault, Duration time) {
    patience = time;
    provider = fault.provider().get();
    return fault.perGuest() ? OfGuests.class : Shared.class;
  }

  /** As an author would write it. */
  static class Shared extends SharedTransportKit {
    @Override
    protected TransportProvider provider() {
      return provider;
    }

    @Override
    protected Side left() {
      return Side.at("left").with("endpoint", "left");
    }

    @Override
    protected Side right() {
      return Side.at("right").with("endpoint", "right");
    }

    @Override
    protected Duration patience() {
      return patience;
    }
  }

  /** As an author would write it. */
  static class OfGuests extends GuestTransportKit {
    @Override
    protected TransportProvider provider() {
      return provider;
    }

    @Override
    protected Duration patience() {
      return patience;
    }
  }
}
