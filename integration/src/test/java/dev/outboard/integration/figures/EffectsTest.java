package dev.outboard.integration.figures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.integration.figures.Effect.Degree;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a finding of the paper counts as shown. */
final class EffectsTest {
  @ParameterizedTest
  @CsvSource({
    "7, 6, 8, SHOWN",
    "4, 3, 5, SHOWN",
    "1.2, 1.1, 1.3, WEAKER",
    "1.2, 0.9, 1.3, NOT_SHOWN",
    "0.5, 0.4, 0.6, NOT_SHOWN"
  })
  void oneVmsLatencyIsJudgedByItsBounds(double ratio, double low, double high, Degree degree) {
    FigureValue.Share share = MadeUp.share(ratio, low, high);
    FigureValue both = MadeUp.latency(1, 40, 1000, share);
    List<Effect> effects =
        Effects.of(List.of(both, MadeUp.of(both, "vmm-tap", "vm-host")), List.of(), List.of());
    assertEquals(degree, effects.getFirst().degree());
    assertEquals(degree == Degree.SHOWN, effects.getFirst().why().isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    // messages with 1, 10 and 20 VMs, median round trip with 20
    "100, 200, 201, 80, SHOWN",
    "100, 200, 400, 80, NOT_SHOWN",
    "100, 200, 201, 30, NOT_SHOWN"
  })
  void messagesThatStopGrowingWhileLatencyGrowsAreShown(
      double one, double ten, double twenty, double latency, Degree degree) {
    List<Effect> effects =
        Effects.of(
            List.of(
                MadeUp.latency(1, 20, one, null),
                MadeUp.latency(10, 40, ten, null),
                MadeUp.latency(20, latency, twenty, null)),
            List.of(),
            List.of());
    assertEquals(degree, effects.getFirst().degree());
  }

  @Test
  void aSecondFrameIsComparedWithWhatItCostsProcesses() {
    SizeStep host =
        new SizeStep(
            "host",
            "host-host",
            "1472 bytes",
            "1473 bytes",
            MadeUp.share(1.02, 1, 1.04),
            MadeUp.share(1, 1, 1));
    SizeStep vms =
        new SizeStep(
            "vmm-tap",
            "vm-vm",
            "1472 bytes",
            "1473 bytes",
            MadeUp.share(1.5, 1.4, 1.6),
            MadeUp.share(0.7, 0.6, 0.8));
    Effect effect = Effects.of(List.of(), List.of(), List.of(host, vms)).getFirst();
    assertEquals(Degree.SHOWN, effect.degree());
    assertTrue(effect.here().contains("1.50 [1.40, 1.60]"), effect.here());
  }

  @Test
  void nothingIsSaidOfWhatWasNotMeasured() {
    assertEquals(List.of(), Effects.of(List.of(), List.of(), List.of()));
  }
}
