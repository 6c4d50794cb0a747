package dev.outboard.integration.figures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where throughput ends, of made-up figures. */
final class SaturationTest {
  @Test
  void predictedIsHowManyTimesOneVmGivesWhatTheHostsGiveAtMost() {
    Saturation vms = of(values(10, 40), values(2, 4, 8, 8)).getLast();
    assertEquals(20, vms.predictedVms());
    assertEquals(0.2, vms.shareOfHost(), 1e-9);
  }

  @Test
  void observedIsTheLeastNumberThatGivesNearlyTheMost() {
    Saturation vms = of(values(10), values(2, 7.7, 8, 7)).getLast();
    assertEquals(2, vms.observedVms());
    assertFalse(vms.open());
  }

  @Test
  void aWayWhoseLargestNumberGivesTheMostMayGiveMoreStill() {
    Saturation vms = of(values(10), values(2, 4, 6)).getLast();
    assertEquals(3, vms.observedVms());
    assertTrue(vms.open());
  }

  @Test
  void nothingIsPredictedWithoutOneVm() {
    List<FigureValue> values = values(2, 4);
    assertEquals(List.of(), Saturation.of(named(values.subList(1, 2), "vmm-tap", "vm-vm")));
  }

  private static List<Saturation> of(List<FigureValue> host, List<FigureValue> vms) {
    List<FigureValue> all = new ArrayList<>(named(host, "host", "host-host"));
    all.addAll(named(vms, "vmm-tap", "vm-vm"));
    return Saturation.of(all);
  }

  /** Throughput with one VM, two, and so on. */
  private static List<FigureValue> values(double... gbitPerS) {
    List<FigureValue> values = new ArrayList<>();
    for (double figure : gbitPerS) {
      values.add(MadeUp.throughput(values.size() + 1, figure));
    }
    return values;
  }

  private static List<FigureValue> named(List<FigureValue> values, String arm, String way) {
    return values.stream().map(value -> MadeUp.of(value, arm, way)).toList();
  }
}
