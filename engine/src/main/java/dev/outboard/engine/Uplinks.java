package dev.outboard.engine;

import dev.outboard.engine.worker.Worker;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.TransportProvider;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The open uplinks, by name. The control thread. */
final class Uplinks {
  private final Map<String, Uplink> byName = new TreeMap<>();
  private final int workers;
  private final RegionTable regions;
  private boolean standingBy;

  /**
   * None yet.
   *
   * @param workers how many workers there can be
   */
  Uplinks(int workers, RegionTable regions) {
    this.workers = workers;
    this.regions = regions;
  }

  /** Opens one for the workers that run. */
  void open(
      String name,
      TransportProvider provider,
      Map<String, String> values,
      Collection<Worker> running)
      throws EngineException {
    if (byName.containsKey(name)) {
      throw new EngineException(EngineException.Kind.TAKEN, "uplink '" + name + "' exists already");
    }
    Uplink uplink =
        Uplink.open(name, byName.size(), provider, values, workers, standingBy, regions);
    byName.put(name, uplink);
    if (!standingBy) {
      for (Worker worker : running) {
        uplink.serve(worker);
      }
    }
  }

  /** From now on uplinks get no ports for workers, until {@link #begin}. */
  void standBy() {
    standingBy = true;
  }

  /** Ends {@link #standBy}. An uplink that can't have its ports has failed. */
  void begin(Collection<Worker> running) {
    if (!standingBy) {
      return;
    }
    standingBy = false;
    for (Uplink uplink : byName.values()) {
      for (Worker worker : running) {
        try {
          uplink.serve(worker);
        } catch (EngineException e) {
          uplink.failed(e.getMessage());
        }
      }
    }
  }

  /**
   * A worker has started, and needs its ports.
   *
   * @throws IllegalStateException with a line for the user
   */
  void workerStarted(Worker worker) {
    if (standingBy) {
      return;
    }
    try {
      for (Uplink uplink : byName.values()) {
        uplink.serve(worker);
      }
    } catch (EngineException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** A worker has ended, and has let go of its ports. */
  void workerEnded(Worker worker) {
    byName.values().forEach(uplink -> uplink.workerEnded(worker.number()));
  }

  /**
   * An uplink by its name.
   *
   * @param who needs it, for the message
   */
  Uplink get(String who, String name) throws EngineException {
    Uplink uplink = byName.get(name);
    if (uplink == null) {
      throw new EngineException(
          EngineException.Kind.INVALID,
          "%s: unknown uplink '%s', known are: %s"
              .formatted(
                  who, name, byName.isEmpty() ? "none" : String.join(", ", byName.keySet())));
    }
    return uplink;
  }

  /** As {@link #get}, one that reaches peers. */
  Uplink shared(String who, String name) throws EngineException {
    Uplink uplink = get(who, name);
    if (!uplink.isShared()) {
      throw new EngineException(
          EngineException.Kind.INVALID,
          "%s: uplink '%s' (%s) has no peers, each guest has its own port"
              .formatted(who, name, uplink.transportName()));
    }
    return uplink;
  }

  List<Engine.UplinkStatus> status() {
    return new ArrayList<>(byName.values()).stream().map(Uplink::status).toList();
  }

  /** No worker runs any more. */
  void close() {
    byName.values().forEach(Uplink::close);
    byName.clear();
  }
}
