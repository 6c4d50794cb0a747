package dev.outboard.engine;

import dev.outboard.engine.control.ControlThread;
import dev.outboard.engine.control.GuestControl;
import dev.outboard.engine.control.GuestPlan;
import dev.outboard.engine.forwarding.BroadcastDomain;
import dev.outboard.engine.forwarding.GuestCounters;
import dev.outboard.engine.forwarding.GuestIdentity;
import dev.outboard.engine.virtqueue.VirtioNet;
import dev.outboard.engine.worker.Directory;
import dev.outboard.engine.worker.GuestDevice;
import dev.outboard.engine.worker.Worker;
import dev.outboard.linux.LinuxException;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.Notifier;
import dev.outboard.spi.Offloads;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What is on this host: guests, uplinks, workers. The control thread, except where said. */
final class Host {
  private static final int MAX_NETWORK = (1 << 24) - 1;
  private static final int MIN_MTU = 68;
  private static final int MAX_MTU = 65_521;

  private final ControlThread control;
  private final EngineSettings settings;
  private final Arena arena = Arena.ofShared();
  private final RegionTable regions = new RegionTable();
  private final Directory directory;
  private final List<Worker> workers = new ArrayList<>();
  private final int[] guestsOfWorker;
  private final Map<String, Uplink> uplinks = new TreeMap<>();
  private final Map<String, Guest> guests = new TreeMap<>();

  private static final class Uplink implements TransportContext {
    final String name;
    final String transportName;
    final Map<String, String> settings;
    final int workers;
    final RegionTable regions;
    volatile String failure = "";
    Transport transport;
    int guests;

    Uplink(
        String name,
        String transportName,
        Map<String, String> settings,
        int workers,
        RegionTable regions) {
      this.name = name;
      this.transportName = transportName;
      this.settings = settings;
      this.workers = workers;
      this.regions = regions;
    }

    @Override
    public String uplink() {
      return name;
    }

    @Override
    public String setting(String setting) {
      return settings.get(setting);
    }

    @Override
    public int workers() {
      return workers;
    }

    @Override
    public RegionTable regions() {
      return regions;
    }

    @Override
    public void failed(String reason) {
      failure = reason;
    }
  }

  private record Guest(GuestSpec spec, GuestControl control, Uplink uplink, FramePort port) {}

  Host(
      EngineSettings settings,
      Supplier<Notifier> notifiers,
      ControlThread control,
      Consumer<String> problems) {
    this.settings = settings;
    this.control = control;
    directory = new Directory(settings.maxGuests());
    guestsOfWorker = new int[settings.workers()];
    for (int i = 0; i < settings.workers(); i++) {
      int cpu = i < settings.cpus().size() ? settings.cpus().get(i) : -1;
      workers.add(
          new Worker(
              i,
              cpu,
              settings.pollMicros() * 1000L,
              settings.headOfLineMicros() * 1000L,
              notifiers.get(),
              directory,
              regions,
              arena,
              problems));
    }
    workers.forEach(Worker::start);
  }

  boolean openUplink(String name, TransportProvider provider, Map<String, String> values)
      throws EngineException {
    if (uplinks.containsKey(name)) {
      throw new EngineException("uplink '" + name + "' exists already");
    }
    Uplink uplink = new Uplink(name, provider.name(), Map.copyOf(values), workers.size(), regions);
    try {
      uplink.transport = provider.open(uplink);
    } catch (TransportException e) {
      throw new EngineException("uplink '" + name + "': " + e.getMessage(), e);
    }
    uplinks.put(name, uplink);
    return true;
  }

  List<Engine.UplinkStatus> uplinkStatus() {
    return uplinks.values().stream()
        .map(u -> new Engine.UplinkStatus(u.name, u.transportName, u.failure))
        .toList();
  }

  List<String> attach(GuestSpec spec) throws EngineException {
    BroadcastDomain<GuestDevice> domain = directory.domain(spec.network(), spec.tenant());
    check(spec, domain);
    Uplink uplink = spec.uplink().isPresent() ? uplink(spec) : null;
    GuestCounters counters = new GuestCounters();
    FramePort port = uplink == null ? null : openPort(spec, uplink, counters);
    GuestIdentity identity =
        new GuestIdentity(
            spec.id(), spec.tenant(), spec.network(), spec.mac(), spec.addresses(), spec.mtu());
    Worker worker = leastLoaded();
    GuestPlan plan =
        new GuestPlan(
            identity,
            spec.socket().path(),
            spec.socket().role() == GuestSocket.Role.SERVER,
            spec.socket().mode(),
            spec.localForwarding());
    GuestControl guest =
        new GuestControl(
            control, workers, worker, plan, regions, () -> noteDifferentOffloads(spec.id()));
    GuestDevice device =
        new GuestDevice(
            identity,
            domain,
            spec.localForwarding(),
            port,
            uplink == null ? 0 : uplink.transport.capabilities().offloads(),
            counters,
            guest);
    guest.setDevice(device);
    try {
      guest.open();
    } catch (LinuxException e) {
      if (port != null) {
        port.close();
      }
      throw new EngineException("guest '" + spec.id() + "': " + e.getMessage(), e);
    }
    if (!directory.add(device)) {
      guest.close(
          () -> {
            if (port != null) {
              port.close();
            }
          });
      throw new EngineException(
          "no room for guest '"
              + spec.id()
              + "': there are at most "
              + settings.maxGuests()
              + " guests; raise max-guests");
    }
    worker.execute(() -> worker.adopt(device));
    guestsOfWorker[worker.number()]++;
    if (uplink != null) {
      uplink.guests++;
    }
    guests.put(spec.id(), new Guest(spec, guest, uplink, port));
    return offloadWarnings(spec);
  }

  private void check(GuestSpec spec, BroadcastDomain<GuestDevice> domain) throws EngineException {
    String who = "guest '" + spec.id() + "': ";
    if (guests.containsKey(spec.id())) {
      throw new EngineException("guest '" + spec.id() + "' is attached already");
    }
    if (spec.network() < 0 || spec.network() > MAX_NETWORK) {
      throw new EngineException(
          who + "network " + spec.network() + " is not between 0 and " + MAX_NETWORK);
    }
    if (spec.mtu() < MIN_MTU || spec.mtu() > MAX_MTU) {
      throw new EngineException(
          who + "MTU " + spec.mtu() + " is not between " + MIN_MTU + " and " + MAX_MTU);
    }
    if (spec.mac().isMulticast() || spec.mac().bits() == 0) {
      throw new EngineException(who + "MAC address " + spec.mac() + " can't be a guest's own");
    }
    GuestDevice sameMac = directory.byMac(spec.network(), spec.mac().bits());
    if (sameMac != null) {
      throw new EngineException(
          who
              + "MAC address "
              + spec.mac()
              + " is taken in network "
              + spec.network()
              + " by guest '"
              + sameMac.identity().id()
              + "'");
    }
    GuestDevice sameIp = directory.owner(domain, spec.addresses());
    if (sameIp != null) {
      throw new EngineException(
          who
              + "one of its IP addresses is taken in network "
              + spec.network()
              + " by guest '"
              + sameIp.identity().id()
              + "'");
    }
  }

  private Uplink uplink(GuestSpec spec) throws EngineException {
    Uplink uplink = uplinks.get(spec.uplink().orElseThrow());
    if (uplink == null) {
      throw new EngineException(
          "guest '"
              + spec.id()
              + "': unknown uplink '"
              + spec.uplink().orElseThrow()
              + "', known are: "
              + (uplinks.isEmpty() ? "none" : String.join(", ", uplinks.keySet())));
    }
    if (spec.mtu() > uplink.transport.capabilities().maxMtu()) {
      throw new EngineException(
          "guest '"
              + spec.id()
              + "': the MTU of its network is "
              + spec.mtu()
              + ", uplink '"
              + uplink.name
              + "' carries at most "
              + uplink.transport.capabilities().maxMtu());
    }
    return uplink;
  }

  private static FramePort openPort(GuestSpec spec, Uplink uplink, GuestCounters counters)
      throws EngineException {
    try {
      return uplink.transport.openPort(
          new PortSpec(
              spec.id(),
              spec.tenant(),
              spec.network(),
              spec.mac(),
              spec.mtu(),
              counters::uplinkDrop));
    } catch (TransportException e) {
      throw new EngineException(
          "guest '" + spec.id() + "', uplink '" + uplink.name + "': " + e.getMessage(), e);
    }
  }

  private Worker leastLoaded() {
    int best = 0;
    for (int i = 1; i < guestsOfWorker.length; i++) {
      if (guestsOfWorker[i] < guestsOfWorker[best]) {
        best = i;
      }
    }
    return workers.get(best);
  }

  /** Guests that lack an offload lose frames that need it: until they are segmented here. */
  private List<String> offloadWarnings(GuestSpec spec) {
    String all = Offloads.describe(Offloads.ALL);
    for (int m = 0;
        m < Math.min(16, guests.get(spec.id()).control.device().domain().count());
        m++) {
      GuestDevice member = guests.get(spec.id()).control.device().domain().member(m);
      Guest other = member == null ? null : guests.get(member.identity().id());
      if (other != null && other.control.isRunning() && !other.control.offloads().equals(all)) {
        return List.of(
            "guest '"
                + other.spec.id()
                + "' of the same network takes offloads "
                + other.control.offloads()
                + " only: frames to it that need others are dropped (needs-offload)");
      }
    }
    return List.of();
  }

  /** A driver has started: does it take less than another of its network, or more? */
  private void noteDifferentOffloads(String id) {
    Guest guest = guests.get(id);
    if (guest == null) {
      return;
    }
    BroadcastDomain<GuestDevice> domain = guest.control.device().domain();
    for (int m = 0; m < Math.min(16, domain.count()); m++) {
      GuestDevice member = domain.member(m);
      Guest other = member == null ? null : guests.get(member.identity().id());
      if (other != null
          && !other.spec.id().equals(id)
          && other.control.isRunning()
          && !other.control.offloads().equals(guest.control.offloads())) {
        guest.control.note(
            "takes offloads "
                + guest.control.offloads()
                + ", guest '"
                + other.spec.id()
                + "' of the same network "
                + other.control.offloads()
                + ": frames that need what the receiver lacks are dropped (needs-offload)");
        return;
      }
    }
  }

  void detach(String id, CompletableFuture<Object> answer) throws EngineException {
    Guest guest = guests.remove(id);
    if (guest == null) {
      throw new EngineException(unknownGuest(id));
    }
    directory.remove(guest.control.device());
    guestsOfWorker[guest.control.worker().number()]--;
    guest.control.close(
        () -> {
          if (guest.port != null) {
            guest.port.close();
            guest.uplink.guests--;
          }
          answer.complete(true);
        });
  }

  private static String unknownGuest(String id) {
    return "no guest '" + id + "' is attached; list shows those that are";
  }

  List<GuestStatus> guests() {
    return guests.values().stream().map(this::status).toList();
  }

  GuestStatus guest(String id) throws EngineException {
    Guest guest = guests.get(id);
    if (guest == null) {
      throw new EngineException(unknownGuest(id));
    }
    return status(guest);
  }

  private GuestStatus status(Guest guest) {
    GuestControl c = guest.control;
    GuestCounters k = c.device().counters();
    GuestStatus.State state =
        c.isRunning()
            ? GuestStatus.State.RUNNING
            : c.isConnected() ? GuestStatus.State.CONNECTED : GuestStatus.State.WAITING;
    String note =
        guest.port != null && guest.port.failure() != null
            ? "its uplink has failed: " + guest.port.failure()
            : c.note();
    return new GuestStatus(
        guest.spec,
        state,
        c.worker().number(),
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
            k.drops()),
        note);
  }

  /** Any thread. */
  List<Engine.WorkerStatus> workerStatus() {
    return workers.stream()
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
                    w.calls()))
        .toList();
  }

  void closeUplinks() {
    uplinks.values().forEach(u -> u.transport.close());
    uplinks.clear();
  }

  /** Not the control thread. */
  void shutDownWorkers() throws InterruptedException {
    for (Worker worker : workers) {
      worker.shutDown();
    }
  }

  /** After all threads have ended. */
  void free() {
    arena.close();
  }
}
