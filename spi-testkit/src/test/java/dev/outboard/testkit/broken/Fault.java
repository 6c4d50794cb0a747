package dev.outboard.testkit.broken;

import dev.outboard.spi.FramePort;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportProvider;
import dev.outboard.testkit.loopback.LoopbackProvider;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One way to break a rule: a transport in memory with one fault.
 *
 * @param rule the id of the rule that must be found broken
 * @param seen words in what the kit says that it has seen
 * @param perGuest which suite it is for
 * @param waits whether the kit can only tell by waiting, which is then made short
 * @param provider makes the broken transport
 */
record Fault(
    String rule,
    String seen,
    boolean perGuest,
    boolean waits,
    Supplier<TransportProvider> provider) {

  /** Puts a broken uplink in the place of another. */
  interface Uplinks {
    Transport broken(Transport real, TransportContext context, BrokenProvider provider);
  }

  /** What a fault is made from. */
  record Kind(boolean perGuest, boolean holds) {
    Fault provider(String rule, String seen, Function<TransportProvider, TransportProvider> fault) {
      return new Fault(rule, seen, perGuest, false, () -> fault.apply(loopback()));
    }

    Fault uplink(String rule, String seen, Uplinks fault) {
      return provider(
          rule,
          seen,
          real ->
              new BrokenProvider(real) {
                @Override
                Transport broken(Transport transport, TransportContext context) {
                  return fault.broken(transport, context, this);
                }
              });
    }

    Fault port(String rule, String seen, Function<FramePort, FramePort> fault) {
      return uplink(
          rule,
          seen,
          (real, context, _) ->
              new BrokenTransport(real, context.regions()) {
                @Override
                FramePort broken(FramePort port) {
                  return fault.apply(port);
                }
              });
    }

    private TransportProvider loopback() {
      return perGuest ? LoopbackProvider.perGuest(holds) : LoopbackProvider.shared(holds);
    }
  }

  static final Kind SHARED = new Kind(false, false);
  static final Kind SHARED_HOLDING = new Kind(false, true);
  static final Kind GUEST = new Kind(true, false);

  /** The same, told by waiting. */
  Fault waiting() {
    return new Fault(rule, seen, perGuest, true, provider);
  }

  @Override
  public String toString() {
    return rule + ", seen: " + seen;
  }
}
