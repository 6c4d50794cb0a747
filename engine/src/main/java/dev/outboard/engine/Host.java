package dev.outboard.engine;

import dev.outboard.engine.control.ControlThread;
import dev.outboard.engine.control.GuestControl;
import dev.outboard.engine.control.GuestPlan;
import dev.outboard.engine.control.WorkerPool;
import dev.outboard.engine.forwarding.BroadcastDomain;
import dev.outboard.engine.forwarding.GuestCounters;
import dev.outboard.engine.forwarding.GuestIdentity;
import dev.outboard.engine.handover.GuestState;
import dev.outboard.engine.memory.GuestRegions;
import dev.outboard.engine.virtqueue.VirtioNet;
import dev.outboard.engine.worker.Directory;
import dev.outboard.engine.worker.GuestDevice;
import dev.outboard.engine.worker.Worker;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.IsolationPolicy;
import dev.outboard.spi.Notifier;
import dev.outboard.spi.NotifierProvider;
import dev.outboard.spi.PortHandOver;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.TransportProvider;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** What is on this host: guests, uplinks, workers. The control thread, except where said. */
final class Host implements WorkerPool.Listener {
  private final ControlThread control;
  private final EngineSettings settings;
  private final RegionTable regions = new RegionTable();
  private final GuestRegions memory = new GuestRegions(regions);
  private final Directory directory;
  private final WorkerPool workers;
  private final Moves moves;
  private final Uplinks uplinks;
  private final Remotes remotes;
  private final Map<String, AttachedGuest> guests = new TreeMap<>();
  private final Swaps swaps;
  private final Observations observations = new Observations(guests);

  /** Guests stand still, to be taken over by another process or from one. */
  private boolean frozen;

  Host(
      EngineSettings settings,
      IsolationPolicy isolation,
      NotifierProvider notifiers,
      ControlThread control,
      Consumer<String> problems) {
    this.settings = settings;
    this.control = control;
    directory = new Directory(2 * settings.maxGuests());
    uplinks = new Uplinks(new Uplink.Host(settings.workers(), regions, memory, problems), control);
    workers = new WorkerPool(control, number -> worker(number, notifiers, problems), this);
    remotes = new Remotes(uplinks, directory, workers);
    moves = new Moves(new Placement(isolation, settings.workers(), workers));
    swaps = new Swaps(control, guests, uplinks, remotes, moves);
  }

  private Worker worker(int number, NotifierProvider notifiers, Consumer<String> problems) {
    List<Integer> cpus = settings.cpus();
    return new Worker(
        number,
        cpus.isEmpty() ? -1 : cpus.get(number % cpus.size()),
        settings.pollMicros() * 1000L,
        settings.headOfLineMicros() * 1000L,
        open(notifiers),
        directory,
        regions,
        problems);
  }

  private static Notifier open(NotifierProvider notifiers) {
    try {
      return notifiers.open();
    } catch (IOException e) {
      throw new IllegalStateException("notifier " + notifiers.name() + ": " + e.getMessage(), e);
    }
  }

  boolean openUplink(String name, TransportProvider provider, Map<String, String> values)
      throws EngineException {
    uplinks.open(name, provider, values, workers.running());
    return true;
  }

  /** Refused while anything leads to it; otherwise nothing can hold up its end but its port. */
  void closeUplink(String name, CompletableFuture<Object> answer) throws EngineException {
    checkNotFrozen();
    List<String> users = new ArrayList<>(remotes.usersOf(name));
    users.addAll(swaps.usersOf(name));
    for (AttachedGuest guest : guests.values()) {
      if (guest.uplinks().contains(name)) {
        users.add("guest '" + guest.id() + "'");
      }
    }
    uplinks.close(name, users, workers.running(), remotes::forget, () -> answer.complete(true));
  }

  /** Guests whose ways are being exchanged. */
  Swaps swaps() throws EngineException {
    checkNotFrozen();
    return swaps;
  }

  /** What is reachable off this host. */
  Remotes remotes() {
    return remotes;
  }

  /** Whose TCP is watched. */
  Observations observations() {
    return observations;
  }

  List<Engine.UplinkStatus> uplinkStatus() {
    return uplinks.status();
  }

  @Override
  public void started(Worker worker) {
    uplinks.workerStarted(worker);
  }

  @Override
  public void ended(Worker worker) {
    uplinks.workerEnded(worker);
  }

  /** Shared uplinks bring nothing in until {@link #resume}. */
  void standBy() {
    uplinks.standBy();
  }

  /** Stops all guests; the answer is what another process must know of them. */
  void handOver(CompletableFuture<List<GuestState>> answer) throws EngineException {
    checkNotFrozen();
    if (!swaps.isEmpty()) {
      throw new EngineException(
          EngineException.Kind.FAILED,
          "swap '%s' is under way: finish or abort it first"
              .formatted(swaps.list().getFirst().id()));
    }
    for (AttachedGuest guest : guests.values()) {
      if (guest.guestPort() != null && !(guest.guestPort() instanceof PortHandOver)) {
        throw new EngineException(
            EngineException.Kind.FAILED,
            "guest '%s' has an uplink whose ports can't be handed over: detach it, or restart"
                .formatted(guest.id()));
      }
    }
    frozen = true;
    List<AttachedGuest> all = List.copyOf(guests.values());
    int[] left = {all.size() + 1};
    Runnable then =
        () -> {
          if (--left[0] == 0) {
            answerWithStates(answer, all);
          }
        };
    all.forEach(guest -> guest.control.freeze(then));
    control.execute(then);
  }

  /** Guests go on if there is one that can't be handed over. */
  private void answerWithStates(
      CompletableFuture<List<GuestState>> answer, List<AttachedGuest> guests) {
    List<GuestState> states = new ArrayList<>();
    try {
      for (AttachedGuest guest : guests) {
        states.add(state(guest));
      }
      answer.complete(states);
    } catch (EngineException | RuntimeException e) {
      resume();
      answer.completeExceptionally(e);
    }
  }

  private GuestState state(AttachedGuest guest) throws EngineException {
    GuestState state = guest.control.state();
    return guest.guestPort() instanceof PortHandOver port
        ? state.withUplink(guest.ways().own().state(guest.id(), port))
        : state;
  }

  /** Guests go on: those that were adopted, or those whom nobody has taken over. */
  void resume() {
    frozen = false;
    uplinks.begin(workers.running());
    guests.values().forEach(guest -> guest.control.resume());
    for (AttachedGuest guest : guests.values()) {
      if (guest.guestPort() instanceof PortHandOver port) {
        port.own();
      }
    }
  }

  /** Attaches a guest of another process, at a standstill until {@link #resume}. */
  List<String> adopt(GuestSpec spec, GuestState state) throws EngineException {
    if ((state.uplink() == null) != (remotes.ways(spec).own() == null)) {
      throw new EngineException(
          EngineException.Kind.INVALID,
          "guest '%s' has an uplink in only one of the two daemons: detach it, or restart"
              .formatted(spec.id()));
    }
    List<String> warnings = attach(spec, state, false);
    frozen = true;
    return warnings;
  }

  private void checkNotFrozen() throws EngineException {
    if (frozen) {
      throw new EngineException(
          EngineException.Kind.FAILED, "the guests are being handed over; try again in a moment");
    }
  }

  List<String> attach(GuestSpec spec, boolean returning) throws EngineException {
    checkNotFrozen();
    return attach(spec, null, returning);
  }

  private List<String> attach(GuestSpec spec, GuestState state, boolean returning)
      throws EngineException {
    if (guests.containsKey(spec.id())) {
      throw new EngineException(
          EngineException.Kind.TAKEN, "guest '" + spec.id() + "' is attached already");
    }
    BroadcastDomain<GuestDevice> domain = directory.domain(spec.network(), spec.tenant());
    StationChecks.check(spec, directory, domain);
    Remotes.Ways ways = remotes.ways(spec);
    Worker worker = moves.place(spec);
    try {
      return attach(spec, state, returning, domain, ways, worker);
    } catch (EngineException e) {
      moves.cancel(spec, worker);
      throw e;
    }
  }

  private List<String> attach(
      GuestSpec spec,
      GuestState state,
      boolean returning,
      BroadcastDomain<GuestDevice> domain,
      Remotes.Ways ways,
      Worker worker)
      throws EngineException {
    GuestPlan plan = plan(spec);
    GuestControl guest = new GuestControl(control, workers, plan, memory);
    GuestDevice device =
        new GuestDevice(plan.identity(), domain, spec.queuePairs(), spec.priority(), guest);
    guest.setDevice(device);
    Uplink uplink = ways.own();
    GuestPort port = uplink == null ? null : port(uplink, spec, device.portCounters(), state);
    AttachedGuest attached = new AttachedGuest(spec, guest, ways);
    if (port != null) {
      device.add(attached.open(uplink, port).port());
    }
    try {
      OwnPort joined = swaps.join(attached);
      if (joined != null) {
        device.add(joined.port());
      }
    } catch (EngineException e) {
      attached.closePorts();
      throw e;
    }
    device.setWay(attached.way(attached.spec(), attached.ways()));
    if (returning) {
      device.expectReturn();
    }
    if (!directory.add(device)) {
      swaps.detached(attached);
      attached.closePorts();
      throw new EngineException(
          EngineException.Kind.TAKEN,
          "no room for guest '%s': the tables are made for %d guests; raise max-guests"
              .formatted(spec.id(), settings.maxGuests()));
    }
    try {
      if (state == null) {
        guest.open();
      } else {
        guest.adopt(state);
      }
    } catch (IOException e) {
      directory.remove(device);
      swaps.detached(attached);
      attached.closePorts();
      throw new EngineException(
          EngineException.Kind.FAILED, "guest '" + spec.id() + "': " + e.getMessage(), e);
    }
    guests.put(spec.id(), attached);
    return moves.begin(attached, worker);
  }

  private static GuestPort port(
      Uplink uplink, GuestSpec spec, GuestCounters counters, GuestState state)
      throws EngineException {
    return state == null
        ? uplink.openPort(spec, counters)
        : uplink.adoptPort(spec, counters, state.uplink());
  }

  private static GuestPlan plan(GuestSpec spec) {
    return new GuestPlan(
        new GuestIdentity(
            spec.id(), spec.tenant(), spec.network(), spec.mac(), spec.addresses(), spec.mtu()),
        spec.socket().path(),
        spec.socket().role() == GuestSocket.Role.SERVER,
        spec.socket().mode(),
        spec.frontend().profile(spec.ring()),
        spec.queuePairs());
  }

  void detach(String id, CompletableFuture<Object> answer) throws EngineException {
    checkNotFrozen();
    AttachedGuest guest = guests.remove(id);
    if (guest == null) {
      throw unknownGuest(id);
    }
    swaps.detached(guest);
    guest.gathered = false;
    directory.remove(guest.control.device());
    guest.control.close(
        () -> {
          guest.closePorts();
          moves.end(guest, () -> answer.complete(true));
        });
  }

  void move(String id, List<Integer> numbers, CompletableFuture<Object> answer)
      throws EngineException {
    checkNotFrozen();
    moves.move(find(id), numbers, () -> answer.complete(true));
  }

  private AttachedGuest find(String id) throws EngineException {
    AttachedGuest guest = guests.get(id);
    if (guest == null) {
      throw unknownGuest(id);
    }
    return guest;
  }

  static EngineException unknownGuest(String id) {
    return new EngineException(
        EngineException.Kind.UNKNOWN,
        "no guest '" + id + "' is attached; list shows those that are");
  }

  List<GuestStatus> guests() {
    return guests.values().stream().map(this::status).toList();
  }

  GuestStatus guest(String id) throws EngineException {
    return status(find(id));
  }

  private GuestStatus status(AttachedGuest guest) {
    GuestControl c = guest.control;
    GuestCounters k = c.device().counters();
    GuestStatus.State state =
        c.isRunning()
            ? GuestStatus.State.RUNNING
            : c.isConnected() ? GuestStatus.State.CONNECTED : GuestStatus.State.WAITING;
    String portFailure = c.device().portFailure();
    String note = portFailure == null ? c.note() : "its uplink has failed: " + portFailure;
    return new GuestStatus(
        guest.spec(),
        state,
        c.workers().stream().map(Worker::number).toList(),
        VirtioNet.names(c.features()),
        new GuestStatus.Counters(
            k.sentFrames(),
            k.sentBytes(),
            k.receivedFrames(),
            k.receivedBytes(),
            k.answeredFrames(),
            k.floodedFrames(),
            k.floodCopies(),
            k.floodLost(),
            k.segmentedFrames(),
            k.segments(),
            k.drops()),
        note);
  }

  /** Any thread. */
  List<Engine.WorkerStatus> workerStatus() {
    return workers.running().stream()
        .map(
            w ->
                new Engine.WorkerStatus(
                    w.number(),
                    w.threadId(),
                    w.cpu(),
                    w.notifierName(),
                    w.guestsServed(),
                    w.activeGuests(),
                    w.loops(),
                    w.sleeps(),
                    w.calls(),
                    w.callSystemCalls(),
                    w.refusedCalls()))
        .toList();
  }

  void closeUplinks() {
    remotes.close();
    uplinks.close();
  }

  /** Not the control thread. */
  void shutDownWorkers() throws InterruptedException {
    workers.shutDown();
  }
}
