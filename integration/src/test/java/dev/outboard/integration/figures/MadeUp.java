package dev.outboard.integration.figures;

import java.util.Map;

/** Figures that nobody has measured. */
final class MadeUp {
  private MadeUp() {}

  static FigureValue throughput(int vms, double gbitPerS) {
    return value(2, vms, gbitPerS, null, null, null);
  }

  static FigureValue latency(int vms, double micros, double messages, FigureValue.Share toHost) {
    return value(FigureLoad.MANY, vms, null, micros, messages, toHost);
  }

  static FigureValue of(FigureValue value, String arm, String configuration) {
    return new FigureValue(
        value.figure(),
        arm,
        configuration,
        value.vms(),
        value.load(),
        value.gbitPerS(),
        value.p50Us(),
        value.p99Us(),
        value.messagesPerS(),
        value.cpus(),
        value.toHost(),
        value.messagesToHost(),
        value.coreStates(),
        value.sent(),
        value.received(),
        value.drops(),
        value.missing(),
        value.corrupt());
  }

  static FigureValue.Share share(double ratio, double low, double high) {
    return new FigureValue.Share(ratio, low, high, 5);
  }

  private static FigureValue value(
      int figure,
      int vms,
      Double gbitPerS,
      Double micros,
      Double messages,
      FigureValue.Share toHost) {
    return new FigureValue(
        figure, "vmm-tap", "vm-vm", vms, "made up", gbitPerS, micros, micros, messages, 1, toHost,
        null, Map.of(), 1, 1, Map.of(), 0, 0);
  }
}
