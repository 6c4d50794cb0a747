package dev.outboard.integration.figures;

import dev.outboard.integration.figures.Effect.Degree;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Looks for the paper's findings (its section 2.2.2) in the figures of its baseline, {@code
 * vmm-tap}. Pure functions.
 */
final class Effects {
  private static final String BASELINE = FigureArm.VMM_TAP.label();
  private static final double SAME = 0.95;

  /** The paper's one VM, of its one process. */
  private static final double ONE_VM = 5.19 / 27.3;

  /** The paper's one VM, by its one process. */
  private static final double LONGER = 7;

  private static final String STAND_IN =
      "the stand-in microVMs have no kernel and no exits, and a guest shares a thread with its VMM;"
          + " ";

  private Effects() {}

  static List<Effect> of(
      List<FigureValue> values, List<Saturation> saturation, List<SizeStep> steps) {
    List<Effect> effects = new ArrayList<>();
    oneVm(values).ifPresent(effects::add);
    saturation(saturation).ifPresent(effects::add);
    latency(values).ifPresent(effects::add);
    messages(values).ifPresent(effects::add);
    step(steps).ifPresent(effects::add);
    return effects;
  }

  private static Optional<Effect> oneVm(List<FigureValue> values) {
    Optional<FigureValue.Share> pair = share(values, 2, Configuration.VM_VM);
    Optional<FigureValue.Share> half = share(values, 2, Configuration.VM_HOST);
    if (pair.isEmpty() || half.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Effect.of(
            "one VM carries far less than a process: 5.2 % of the link (vm-vm) and 8.8 % (vm-host)"
                + " where a process carries 27.3 %, that is 19 % and 32 % of it",
            "vm-vm %s and vm-host %s of host-host".formatted(of(pair.get()), of(half.get())),
            Degree.of(pair.get().high95() < 1, pair.get().ratio() < 2 * ONE_VM),
            STAND_IN
                + "and a process pays a system call for each datagram here, which costs as much as"
                + " the VMM's for each frame"));
  }

  private static Optional<Effect> saturation(List<Saturation> saturation) {
    Optional<Saturation> own =
        saturation.stream()
            .filter(s -> is(s.arm(), s.configuration(), Configuration.VM_VM))
            .findFirst();
    return own.map(
        s -> {
          return Effect.of(
              "vm-vm needs more VMs to fill the link than one VM's share predicts: 35 in place of"
                  + " 20",
              String.format(
                  Locale.ROOT,
                  "predicted %d, its own most (%.0f %% of host-host's) reached with %d%s",
                  s.predictedVms(),
                  100 * s.shareOfHost(),
                  s.observedVms(),
                  s.open() ? ", the largest number measured" : ""),
              Degree.of(s.observedVms() > s.predictedVms(), true),
              "a host has one processor here, which a single pair keeps busy already: it ends before"
                  + " the wire does, and more VMs find nothing left");
        });
  }

  private static Optional<Effect> latency(List<FigureValue> values) {
    Optional<FigureValue.Share> pair = share(values, FigureLoad.MANY, Configuration.VM_VM);
    Optional<FigureValue.Share> half = share(values, FigureLoad.MANY, Configuration.VM_HOST);
    if (pair.isEmpty() || half.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Effect.of(
            "the round trip of one VM is 600 % (vm-vm) and 350 % (vm-host) longer than between"
                + " processes",
            "vm-vm takes %s, vm-host %s times as long as host-host"
                .formatted(times(pair.get()), times(half.get())),
            Degree.of(pair.get().low95() > 1, pair.get().ratio() > LONGER / 2),
            STAND_IN
                + "what is left of a frame's way costs little more than a socket, and all wait for"
                + " the same two processors"));
  }

  private static Optional<Effect> messages(List<FigureValue> values) {
    List<FigureValue> own =
        values.stream()
            .filter(v -> v.figure() == FigureLoad.MANY)
            .filter(v -> is(v.arm(), v.configuration(), Configuration.VM_VM))
            .toList();
    if (own.size() < 2) {
      return Optional.empty();
    }
    double most = own.stream().mapToDouble(FigureValue::messagesPerS).max().orElseThrow();
    FigureValue full =
        own.stream().filter(v -> v.messagesPerS() >= SAME * most).findFirst().orElseThrow();
    FigureValue last = own.getLast();
    return Optional.of(
        Effect.of(
            "messages a second stop growing at about 10 VMs; from there on only latency grows",
            String.format(
                Locale.ROOT,
                "95 %% of the most messages with %d VMs (p50 %.0f us), with %d VMs %.0f %% of the"
                    + " most (p50 %.0f us)",
                full.vms(),
                full.p50Us(),
                last.vms(),
                100 * last.messagesPerS() / most,
                last.p50Us()),
            Degree.of(full.vms() < last.vms() && last.p50Us() > full.p50Us(), true),
            "messages still grow with the largest number measured"));
  }

  private static Optional<Effect> step(List<SizeStep> steps) {
    Optional<SizeStep> pair = udp(steps, BASELINE, Configuration.VM_VM);
    Optional<SizeStep> host = udp(steps, FigureArm.HOST.label(), Configuration.HOST_HOST);
    if (pair.isEmpty() || host.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Effect.of(
            "a message that needs one more frame costs VMs much, and processes next to nothing",
            "one byte more than fits: vm-vm takes %s times as long, host-host %s"
                .formatted(times(pair.get().latency()), times(host.get().latency())),
            Degree.of(pair.get().latency().low95() > host.get().latency().high95(), true),
            STAND_IN
                + "a TAP takes a second frame for one more system call, and a process's kernel cuts"
                + " and joins the datagram, too"));
  }

  private static Optional<SizeStep> udp(List<SizeStep> steps, String arm, Configuration way) {
    return steps.stream()
        .filter(s -> s.arm().equals(arm) && s.configuration().equals(way.label()))
        .filter(s -> !s.to().contains("TCP"))
        .findFirst();
  }

  /** Of one VM. */
  private static Optional<FigureValue.Share> share(
      List<FigureValue> values, int figure, Configuration way) {
    return values.stream()
        .filter(v -> v.figure() == figure && v.vms() == 1 && v.toHost() != null)
        .filter(v -> is(v.arm(), v.configuration(), way))
        .map(FigureValue::toHost)
        .findFirst();
  }

  private static boolean is(String arm, String configuration, Configuration way) {
    return arm.equals(BASELINE) && configuration.equals(way.label());
  }

  private static String of(FigureValue.Share share) {
    return String.format(
        Locale.ROOT,
        "%.0f %% [%.0f, %.0f]",
        100 * share.ratio(),
        100 * share.low95(),
        100 * share.high95());
  }

  private static String times(FigureValue.Share share) {
    return String.format(
        Locale.ROOT, "%.2f [%.2f, %.2f]", share.ratio(), share.low95(), share.high95());
  }
}
