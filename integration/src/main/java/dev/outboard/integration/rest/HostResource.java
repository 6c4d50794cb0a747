package dev.outboard.integration.rest;

import dev.outboard.engine.Engine;
import dev.outboard.integration.Version;
import dev.outboard.integration.config.Installed;
import dev.outboard.integration.config.Plan;
import dev.outboard.integration.wire.GuestView;
import dev.outboard.integration.wire.InfoView;
import dev.outboard.integration.wire.StatsView;
import dev.outboard.integration.wire.StatsView.WorkerView;
import dev.outboard.integration.wire.TransportView;
import dev.outboard.integration.wire.UplinkView;
import dev.outboard.spi.TransportProvider;
import jakarta.inject.Inject;
import java.util.Comparator;
import java.util.List;

/** Answers what is about the whole daemon. Any thread. */
final class HostResource {
  private final Engine engine;
  private final Plan plan;
  private final Installed installed;
  private final long startNanos = System.nanoTime();

  @Inject
  HostResource(Engine engine, Plan plan, Installed installed) {
    this.engine = engine;
    this.plan = plan;
    this.installed = installed;
  }

  InfoView info() {
    return new InfoView(
        Version.text(),
        ProcessHandle.current().pid(),
        Runtime.version().toString(),
        plan.notifier().provider().name(),
        plan.isolation().name(),
        plan.engine().workers(),
        plan.api().socket().toString(),
        uptime());
  }

  StatsView stats() {
    List<GuestView> guests =
        engine.guests().stream().map(status -> GuestView.of(status, List.of())).toList();
    List<WorkerView> workers = engine.workers().stream().map(HostResource::worker).toList();
    List<UplinkView> uplinks = engine.uplinks().stream().map(UplinkView::of).toList();
    return new StatsView(uptime(), guests, workers, uplinks);
  }

  List<TransportView> transports() {
    return installed.transports().values().stream()
        .sorted(Comparator.comparing(TransportProvider::name))
        .map(each -> TransportView.of(each, installed.plugin(each.name())))
        .toList();
  }

  private double uptime() {
    return Math.floorDiv(System.nanoTime() - startNanos, 1_000_000L) / 1000.0;
  }

  private static WorkerView worker(Engine.WorkerStatus worker) {
    return new WorkerView(
        worker.worker(),
        worker.cpu(),
        worker.notifier(),
        worker.guests(),
        worker.active(),
        worker.loops(),
        worker.sleeps(),
        worker.calls(),
        worker.callSystemCalls(),
        worker.refusedCalls());
  }
}
