package dev.outboard.engine;

import dev.outboard.engine.control.ControlThread;
import dev.outboard.engine.worker.Worker;
import dev.outboard.spi.TransportProvider;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The open uplinks, by name. The control thread. */
final class Uplinks {
  private final Map<String, Uplink> byName = new TreeMap<>();
  private final Uplink.Host host;
  private final ControlThread control;

  /** Those that some worker still has a share of, although they are closed; by number. */
  private final Map<Integer, Closing> closing = new TreeMap<>();

  private boolean standingBy;

  /**
   * An uplink that is being closed.
   *
   * @param forget run when no worker has it any more, before its transport is closed
   * @param then run after that
   */
  private record Closing(Uplink uplink, Runnable forget, Runnable then) {}

  /** None yet. */
  Uplinks(Uplink.Host host, ControlThread control) {
    this.host = host;
    this.control = control;
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
    Uplink uplink = Uplink.open(name, freeNumber(), provider, values, standingBy, host);
    byName.put(name, uplink);
    if (standingBy) {
      return;
    }
    try {
      for (Worker worker : running) {
        uplink.serve(worker);
      }
    } catch (EngineException e) {
      byName.remove(name);
      close(new Closing(uplink, () -> {}, () -> {}), running);
      throw e;
    }
  }

  private int freeNumber() {
    Set<Integer> taken = new HashSet<>(closing.keySet());
    byName.values().forEach(uplink -> taken.add(uplink.number()));
    int number = 0;
    while (taken.contains(number)) {
      number++;
    }
    return number;
  }

  /**
   * Closes one, without blocking.
   *
   * @param users what leads to it; it stays if there is anything
   * @param forget run when no worker has it any more, before its transport is closed
   * @param then run after that
   */
  void close(
      String name,
      List<String> users,
      Collection<Worker> running,
      Consumer<Uplink> forget,
      Runnable then)
      throws EngineException {
    Uplink uplink = byName.get(name);
    if (uplink == null) {
      throw new EngineException(
          EngineException.Kind.UNKNOWN,
          "there is no uplink '%s'; open are: %s".formatted(name, names()));
    }
    if (!users.isEmpty()) {
      throw new EngineException(
          EngineException.Kind.TAKEN,
          "uplink '%s' is in use by %s; take it from them first"
              .formatted(name, String.join(", ", users)));
    }
    byName.remove(name);
    close(new Closing(uplink, () -> forget.accept(uplink), then), running);
  }

  /**
   * Each worker lets go of its share between two bursts; one that is just ending does so by itself
   * ({@link #workerEnded}). The last one closes the transport.
   */
  private void close(Closing one, Collection<Worker> running) {
    Uplink uplink = one.uplink;
    closing.put(uplink.number(), one);
    for (Worker worker : running) {
      if (uplink.serves(worker.number())) {
        worker.execute(
            () -> {
              worker.closeUplink(uplink.number());
              control.execute(
                  () -> {
                    uplink.workerEnded(worker.number());
                    finish(uplink.number());
                  });
            });
      }
    }
    finish(uplink.number());
  }

  private void finish(int number) {
    Closing one = closing.get(number);
    if (one != null && !one.uplink.isServed()) {
      closing.remove(number);
      one.forget.run();
      one.uplink.close();
      one.then.run();
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
    for (Closing each : List.copyOf(closing.values())) {
      each.uplink.workerEnded(worker.number());
      finish(each.uplink.number());
    }
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
          "%s: unknown uplink '%s', known are: %s".formatted(who, name, names()));
    }
    return uplink;
  }

  private String names() {
    return byName.isEmpty() ? "none" : String.join(", ", byName.keySet());
  }

  List<Engine.UplinkStatus> status() {
    return new ArrayList<>(byName.values()).stream().map(Uplink::status).toList();
  }

  /** No worker runs any more. */
  void close() {
    byName.values().forEach(Uplink::close);
    byName.clear();
    closing.values().forEach(each -> each.uplink.close());
    closing.clear();
  }
}
