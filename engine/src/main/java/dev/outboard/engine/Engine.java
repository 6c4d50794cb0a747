package dev.outboard.engine;

import dev.outboard.spi.Notifier;
import dev.outboard.spi.TransportProvider;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The sidecar: the one face of this module. Methods may be called from any thread; they hand the
 * work to the control thread and wait for its answer.
 */
public final class Engine implements AutoCloseable {
  private final boolean built = Boolean.getBoolean("outboard.engine.built");

  private Engine() {}

  /**
   * Starts the control thread and the workers.
   *
   * @param notifiers makes one notifier per worker
   */
  public static Engine start(EngineSettings settings, Supplier<Notifier> notifiers)
      throws EngineException {
    Engine engine = new Engine();
    engine.detach("");
    return engine;
  }

  /** The notifier that is built in. */
  public static Supplier<Notifier> epoll() {
    return () -> null;
  }

  /**
   * Opens a transport as an uplink.
   *
   * @param settings complete and checked against the provider's list
   */
  public void openUplink(String name, TransportProvider provider, Map<String, String> settings)
      throws EngineException {
    if (!built) {
      throw new EngineException("not built yet");
    }
  }

  /** The names of the open uplinks, each with its provider's name and its failure or "". */
  public List<UplinkStatus> uplinks() {
    return List.of();
  }

  /** An uplink as it is now. */
  public record UplinkStatus(String name, String transport, String failure) {}

  /**
   * Declares a guest and opens its socket (SERVER: it is listening when this returns).
   *
   * @return warnings for the user, for example that guests of the network differ in offloads
   * @throws EngineException if the id, address or socket is taken, the uplink is unknown, ...
   */
  public List<String> attach(GuestSpec spec) throws EngineException {
    if (!built) {
      throw new EngineException("not built yet");
    }
    return List.of();
  }

  /** Ends the guest's session, removes its socket and forgets it. */
  public void detach(String id) throws EngineException {
    if (!built) {
      throw new EngineException("not built yet");
    }
  }

  /** All guests, by id. */
  public List<GuestStatus> guests() {
    return List.of();
  }

  /** One guest. */
  public GuestStatus guest(String id) throws EngineException {
    if (!built) {
      throw new EngineException("not built yet");
    }
    return null;
  }

  /** What each worker has done. */
  public List<WorkerStatus> workers() {
    return List.of();
  }

  /**
   * A worker as it is now.
   *
   * @param thread its Java thread id
   * @param cpu where it is pinned, or -1
   * @param guests how many it serves
   * @param active how many of them it polls at the moment
   * @param loops how often it went round
   * @param sleeps how often it went to sleep
   * @param calls how many doorbells it rang
   */
  public record WorkerStatus(
      int worker, long thread, int cpu, int guests, int active, long loops, long sleeps, long calls) {}

  /** Detaches all guests, closes the uplinks and ends all threads. */
  @Override
  public void close() {}
}
