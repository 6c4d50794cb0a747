package dev.outboard.engine;

import dev.outboard.engine.control.ControlThread;
import dev.outboard.engine.handover.GuestState;
import dev.outboard.engine.worker.EpollProvider;
import dev.outboard.linux.LinuxException;
import dev.outboard.spi.IsolationPolicy;
import dev.outboard.spi.NotifierProvider;
import dev.outboard.spi.TransportProvider;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/**
 * The sidecar: the one face of this module. Methods may be called from any thread; they hand the
 * work to the control thread and wait for its answer.
 */
public final class Engine implements AutoCloseable {
  private final ControlThread control;
  private final Host host;
  private boolean closed;

  private Engine(ControlThread control, Host host) {
    this.control = control;
    this.host = host;
  }

  /**
   * Starts the control thread and the permanent workers.
   *
   * @param isolation says which guests share a worker
   * @param notifiers opens one notifier per worker
   * @param problems gets a line for each failure that is a bug or a broken host; any thread
   */
  public static Engine start(
      EngineSettings settings,
      IsolationPolicy isolation,
      NotifierProvider notifiers,
      Consumer<String> problems)
      throws EngineException {
    try {
      ControlThread control = new ControlThread(problems);
      Host host = new Host(settings, isolation, notifiers, control, problems);
      control.start();
      return new Engine(control, host);
    } catch (LinuxException | IllegalStateException e) {
      throw new EngineException(EngineException.Kind.FAILED, e.getMessage(), e);
    }
  }

  /** The notifier that is built in. */
  public static NotifierProvider epoll() {
    return new EpollProvider();
  }

  /**
   * Opens a transport as an uplink.
   *
   * @param settings complete and checked against the provider's list
   */
  public void openUplink(String name, TransportProvider provider, Map<String, String> settings)
      throws EngineException {
    call(answer -> answer.complete(host.openUplink(name, provider, settings)));
  }

  /**
   * Closes an uplink; no worker has a frame for it any more when this returns.
   *
   * @throws EngineException if there is none of that name, or something still uses it
   */
  public void closeUplink(String name) throws EngineException {
    call(answer -> host.closeUplink(name, answer));
  }

  /** The open uplinks, by name. */
  public List<UplinkStatus> uplinks() {
    return ask(answer -> answer.complete(host.uplinkStatus()));
  }

  /**
   * An uplink as it is now. Of one where each guest has its own port, the guests' counters say what
   * it carried.
   *
   * @param failure empty while it works
   * @param sentFrames frames that guests have sent by it, if it is shared
   * @param sentBytes their bytes
   * @param receivedFrames frames that came in by it, if it is shared
   * @param receivedBytes their bytes
   * @param joinedFrames segments that came in besides, and were joined with the ones before them
   * @param drops frames from outside that no guest was given, and what the transport lost, by
   *     reason
   * @param gauges what else its transport shows, by name
   */
  public record UplinkStatus(
      String name,
      String transport,
      String failure,
      long sentFrames,
      long sentBytes,
      long receivedFrames,
      long receivedBytes,
      long joinedFrames,
      Map<String, Long> drops,
      Map<String, Long> gauges) {}

  /** Has shared uplinks wait for {@link #resume} before frames come in by them. */
  public void standBy() {
    ask(
        answer -> {
          host.standBy();
          answer.complete(true);
        });
  }

  /** Adds a rule behind those there are; guests that are attached later obey it. */
  public void addRoute(RouteSpec route) throws EngineException {
    call(answer -> answer.complete(host.remotes().addRoute(route)));
  }

  /** Says where a network's frames go whose destination nobody knows. */
  public void addGateway(GatewaySpec gateway) throws EngineException {
    call(answer -> answer.complete(host.remotes().addGateway(gateway)));
  }

  /**
   * Makes a station on another host reachable.
   *
   * @throws EngineException if the id or an address is taken, the uplink is unknown, ...
   */
  public void addRemote(RemoteSpec remote) throws EngineException {
    call(answer -> answer.complete(host.remotes().add(remote)));
  }

  /** Forgets a station on another host; no frame is on its way to it when this returns. */
  public void removeRemote(String id) throws EngineException {
    call(answer -> host.remotes().remove(id, answer));
  }

  /** The rules, in the order in which they are looked at. */
  public List<RouteSpec> routes() {
    return ask(answer -> answer.complete(host.remotes().routes()));
  }

  /** The networks' defaults, by network. */
  public List<GatewaySpec> gateways() {
    return ask(answer -> answer.complete(host.remotes().gateways()));
  }

  /** The stations on other hosts, by id. */
  public List<RemoteSpec> remotes() {
    return ask(answer -> answer.complete(host.remotes().list()));
  }

  /**
   * Declares a guest and opens its socket (SERVER: it is listening when this returns).
   *
   * @return warnings for the user, mostly none
   * @throws EngineException if the id, address or socket is taken, the uplink is unknown, ...
   */
  public List<String> attach(GuestSpec spec) throws EngineException {
    return call(answer -> answer.complete(host.attach(spec, false)));
  }

  /**
   * As {@link #attach}, for a guest that a killed process has served: it is to be back at any
   * moment, so frames for it wait a second before they are dropped.
   */
  public List<String> attachAgain(GuestSpec spec) throws EngineException {
    return call(answer -> answer.complete(host.attach(spec, true)));
  }

  /**
   * Stops all guests, so that another process can take them over. Frames wait in their rings; no
   * VMM notices. Then either this process ends without {@link #close}, or {@link #resume} is
   * called.
   *
   * @return what the other process must know; the file descriptors stay this process's
   */
  public List<GuestState> handOver() throws EngineException {
    return call(answer -> host.handOver(answer));
  }

  /**
   * Takes a guest over from another process, which must have stopped it. It stands still until
   * {@link #resume}. Its file descriptors belong to this object from now on, in any case.
   *
   * @param state with the file descriptors as this process has received them
   */
  public void adopt(GuestSpec spec, GuestState state) throws EngineException {
    call(answer -> answer.complete(host.adopt(spec, state)));
  }

  /** Lets all guests go on after {@link #handOver} or {@link #adopt}. */
  public void resume() {
    ask(
        answer -> {
          host.resume();
          answer.complete(true);
        });
  }

  /** Ends the guest's session, removes its socket and forgets it. */
  public void detach(String id) throws EngineException {
    call(answer -> host.detach(id, answer));
  }

  /** As {@link #move(String, List)}, to one worker. */
  public void move(String id, int worker) throws EngineException {
    move(id, List.of(worker));
  }

  /**
   * Moves a guest to other workers while it runs: no frame is lost or overtaken. Its queue pairs
   * are dealt out to them in turn. A worker that does not run is started, one that nobody is left
   * on ends, as the isolation policy says.
   *
   * @param workers no more than it has queue pairs; one if it has a port of its own
   * @throws EngineException if there can be no such workers, or the policy does not allow it
   */
  public void move(String id, List<Integer> workers) throws EngineException {
    List<Integer> numbers = List.copyOf(workers);
    call(answer -> host.move(id, numbers, answer));
  }

  /**
   * Opens new ways for guests' frames, which come in by the old and the new from now on; nothing
   * else changes. If something can't be opened, nothing is.
   *
   * @param id names the swap until it is finished or aborted
   * @throws EngineException if an uplink or guest is unknown, a port can't be opened, ...
   */
  public SwapStatus prepareSwap(String id, SwapSpec spec) throws EngineException {
    return (SwapStatus) this.<Object>call(answer -> host.swaps().prepare(id, spec, answer));
  }

  /**
   * Has guests' frames leave by the new ways: each guest's between two bursts.
   *
   * @param guests which of the swap's; all if empty
   */
  public SwapStatus commitSwap(String id, List<String> guests) throws EngineException {
    return (SwapStatus) this.<Object>call(answer -> host.swaps().commit(id, guests, answer));
  }

  /** Closes the old ways of a swap that is committed, when they are silent; and forgets it. */
  public SwapStatus finishSwap(String id) throws EngineException {
    return (SwapStatus) this.<Object>call(answer -> host.swaps().finish(id, answer));
  }

  /** Puts everything back as it was before {@link #prepareSwap}, and forgets the swap. */
  public SwapStatus abortSwap(String id) throws EngineException {
    return (SwapStatus) this.<Object>call(answer -> host.swaps().abort(id, answer));
  }

  /** The swaps that are under way, by id. */
  public List<SwapStatus> swaps() throws EngineException {
    return call(answer -> answer.complete(host.swaps().list()));
  }

  /**
   * Observes a guest's TCP from now on, or anew, until {@link #unobserve} or until the guest is
   * detached or handed over. No packet is touched. It goes on when the guest is moved or swapped,
   * and when its VMM starts again.
   */
  public Observation observe(String guest) throws EngineException {
    return call(answer -> answer.complete(host.observations().begin(guest)));
  }

  /**
   * Ends an observation.
   *
   * @return what it came to
   */
  public Observation unobserve(String guest) throws EngineException {
    return call(answer -> answer.complete(host.observations().end(guest)));
  }

  /** What is being observed, by guest. */
  public List<Observation> observations() {
    return ask(answer -> answer.complete(host.observations().list()));
  }

  /** All guests, by id. */
  public List<GuestStatus> guests() {
    return ask(answer -> answer.complete(host.guests()));
  }

  /** One guest. */
  public GuestStatus guest(String id) throws EngineException {
    return call(answer -> answer.complete(host.guest(id)));
  }

  /** What each worker has done. */
  public List<WorkerStatus> workers() {
    return host.workerStatus();
  }

  /**
   * A worker as it is now.
   *
   * @param thread its Java thread id
   * @param cpu where it is pinned, or -1
   * @param notifier what it waits with
   * @param guests how many it serves
   * @param active how many of them it polled when it last went to sleep or woke
   * @param loops how often it went round
   * @param sleeps how often it went to sleep
   * @param calls how many doorbells it rang
   * @param callSystemCalls how many system calls that took
   * @param refusedCalls how many could not be rung at once; each ended its guest's session
   */
  public record WorkerStatus(
      int worker,
      long thread,
      int cpu,
      String notifier,
      int guests,
      int active,
      long loops,
      long sleeps,
      long calls,
      long callSystemCalls,
      long refusedCalls) {}

  /** Detaches all guests, closes the uplinks and ends all threads. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    for (GuestStatus guest : guests()) {
      try {
        this.<Object>submit(answer -> host.detach(guest.spec().id(), answer));
      } catch (EngineException e) {
        // Somebody else has detached it meanwhile.
      }
    }
    try {
      host.shutDownWorkers();
      ask(
          answer -> {
            host.closeUplinks();
            answer.complete(true);
          });
      control.shutDown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Something the control thread does; it completes the answer then or later. */
  private interface Task<T> {
    void run(CompletableFuture<T> answer) throws EngineException;
  }

  private <T> T call(Task<T> task) throws EngineException {
    synchronized (this) {
      if (closed) {
        throw new EngineException(EngineException.Kind.FAILED, "the sidecar is shutting down");
      }
    }
    return submit(task);
  }

  private <T> T ask(Task<T> task) {
    try {
      return submit(task);
    } catch (EngineException e) {
      throw new IllegalStateException(e);
    }
  }

  private <T> T submit(Task<T> task) throws EngineException {
    CompletableFuture<T> answer = new CompletableFuture<>();
    control.execute(
        () -> {
          try {
            task.run(answer);
          } catch (EngineException | RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    try {
      return answer.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof EngineException known) {
        throw new EngineException(known.kind(), known.getMessage(), known);
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException(EngineException.Kind.FAILED, "interrupted", e);
    }
  }
}
