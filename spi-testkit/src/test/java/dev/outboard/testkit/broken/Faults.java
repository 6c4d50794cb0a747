package dev.outboard.testkit.broken;

import java.util.List;
import java.util.stream.Stream;

/** Every fault that there is. */
final class Faults {
  private Faults() {}

  static List<Fault> all() {
    return Stream.of(
            ProviderFaults.all(),
            TransmitFaults.all(),
            HoldFaults.all(),
            SharedReceiveFaults.all(),
            DirectReceiveFaults.all(),
            GuestFaults.all(),
            PeerFaults.all(),
            PortFaults.all())
        .flatMap(List::stream)
        .toList();
  }
}
