package dev.outboard.integration.config;

import static dev.outboard.integration.config.Checks.at;

import dev.outboard.engine.EngineSettings;
import dev.outboard.engine.GuestSpec;
import dev.outboard.integration.wire.GuestRequest;
import dev.outboard.spi.Availability;
import dev.outboard.spi.IsolationPolicy;
import dev.outboard.spi.NotifierProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Checks a whole configuration and makes the plan. Starts nothing. Called once, at start. */
public final class Planner {
  private static final int MIN_MTU = 576;
  private static final int MAX_MTU = 65_535;
  private static final int MAX_WORKERS = 1024;
  private static final String DEFAULT_ISOLATION = "shared";
  private static final String NOTIFIER = "notifier";
  private static final String AUTO = "auto";
  private static final int MAX_MICROS = 1_000_000;
  private static final int DEFAULT_API_MODE = 0600;

  private final Installed installed;
  private final Path defaultSocket;
  private final boolean socketIsFixed;

  /**
   * Knows what there is to choose from.
   *
   * @param socket where the API listens if the file does not say
   * @param socketIsFixed whether the user named the socket on the command line, which wins
   */
  public Planner(Installed installed, Path socket, boolean socketIsFixed) {
    this.installed = installed;
    this.defaultSocket = socket;
    this.socketIsFixed = socketIsFixed;
  }

  Plan plan(Config config) throws InvalidValueException {
    Plan.Api api = api(config.api());
    IsolationPolicy isolation = isolation(config.isolation());
    EngineSettings engine = engine(config, isolation);
    Plan.Waiting notifier = notifier(config.notifier());
    UplinkPlanner uplinkPlanner = new UplinkPlanner(installed);
    List<Plan.Uplink> uplinks = uplinkPlanner.plan(config.uplinks());
    Map<Integer, Integer> mtus = mtus(config.networks());
    UplinkNames names = new UplinkNames(uplinks.stream().map(Plan.Uplink::name).toList());
    RemotePlanner remotes = new RemotePlanner(mtus, names);
    GuestPlanner planner = new GuestPlanner(api.socket().resolveSibling("guests"), mtus, names);
    List<GuestSpec> guests = guests(planner, config.guests(), engine.maxGuests());
    Path runtime = runtimeDirectory(config.runtimeDirectory(), api.socket());
    return new Plan(
        api,
        runtime,
        engine,
        isolation,
        notifier,
        uplinks,
        remotes.routes(config.routes()),
        remotes.gateways(config.networks()),
        remotes.remotes(config.remotes()),
        guests,
        planner,
        remotes,
        uplinkPlanner,
        names);
  }

  private static Path runtimeDirectory(String given, Path socket) throws InvalidValueException {
    return given == null
        ? socket.resolveSibling(socket.getFileName() + ".d")
        : Checks.absolute(List.of("runtime-directory"), given);
  }

  private Plan.Api api(Config.Api api) throws InvalidValueException {
    String text = api == null ? null : api.socket();
    List<Object> path = List.of("api", "socket");
    Path given = text == null ? null : Checks.socket(path, text);
    Path socket = given == null || socketIsFixed ? Checks.socket(path, defaultSocket) : given;
    String mode = api == null ? null : api.mode();
    return new Plan.Api(socket, Checks.mode(List.of("api", "mode"), mode, DEFAULT_API_MODE));
  }

  private IsolationPolicy isolation(String given) throws InvalidValueException {
    String name = given == null ? DEFAULT_ISOLATION : given;
    return Checks.known(
        List.of("isolation"),
        "isolation",
        name,
        new TreeSet<>(installed.isolation().keySet()),
        installed.isolation().get(name),
        installed.whatWasRefused());
  }

  private static EngineSettings engine(Config config, IsolationPolicy isolation)
      throws InvalidValueException {
    EngineSettings defaults = EngineSettings.defaults();
    int maxGuests =
        Checks.range(List.of("max-guests"), config.maxGuests(), defaults.maxGuests(), 1, 1 << 16);
    boolean asNeeded = isolation.permanentWorkers(MAX_WORKERS) == 0;
    int workers =
        Checks.range(
            List.of("workers"),
            config.workers(),
            asNeeded ? Math.min(maxGuests, MAX_WORKERS) : defaults.workers(),
            1,
            MAX_WORKERS);
    List<Integer> cpus = config.cpus() == null ? List.of() : config.cpus();
    for (int i = 0; i < cpus.size(); i++) {
      Checks.range(List.of("cpus", i), cpus.get(i), 0, 0, 4095);
    }
    if (!asNeeded && !cpus.isEmpty() && cpus.size() != workers) {
      throw new InvalidValueException(
          List.of("cpus"),
          "cpus names " + cpus.size() + " processors for " + workers + " workers; name one each");
    }
    return new EngineSettings(
        workers,
        cpus,
        micros("poll-micros", config.pollMicros(), defaults.pollMicros()),
        micros("head-of-line-micros", config.headOfLineMicros(), defaults.headOfLineMicros()),
        maxGuests);
  }

  private static int micros(String key, Integer value, int fallback) throws InvalidValueException {
    return Checks.range(List.of(key), value, fallback, 0, MAX_MICROS);
  }

  private Plan.Waiting notifier(String name) throws InvalidValueException {
    return name == null || name.equals(AUTO) ? bestNotifier() : namedNotifier(name);
  }

  private Plan.Waiting bestNotifier() throws InvalidValueException {
    List<String> refused = new ArrayList<>();
    for (NotifierProvider notifier : installed.notifiers()) {
      Availability here = notifier.probe();
      if (here.usable()) {
        return new Plan.Waiting(notifier, String.join("; ", refused));
      }
      refused.add(notifier.name() + " can't run here: " + here.reason() + "; " + here.remedy());
    }
    throw new InvalidValueException(List.of(NOTIFIER), String.join("; ", refused));
  }

  private Plan.Waiting namedNotifier(String name) throws InvalidValueException {
    List<String> known = new ArrayList<>(List.of(AUTO));
    NotifierProvider named = null;
    for (NotifierProvider notifier : installed.notifiers()) {
      known.add(notifier.name());
      named = notifier.name().equals(name) ? notifier : named;
    }
    NotifierProvider found =
        Checks.known(List.of(NOTIFIER), NOTIFIER, name, known, named, installed.whatWasRefused());
    Availability here = found.probe();
    if (!here.usable()) {
      throw new InvalidValueException(
          List.of(NOTIFIER),
          "notifier '%s' can't run here: %s; %s, or write 'notifier: auto'"
              .formatted(name, here.reason(), here.remedy()));
    }
    return new Plan.Waiting(found, "");
  }

  private static Map<Integer, Integer> mtus(List<Config.Network> networks)
      throws InvalidValueException {
    Map<Integer, Integer> mtus = new HashMap<>();
    List<Config.Network> all = networks == null ? List.of() : networks;
    for (int i = 0; i < all.size(); i++) {
      List<Object> path = List.of("networks", i);
      Config.Network network = all.get(i);
      if (network == null || network.id() == null) {
        throw new InvalidValueException(path, "a network needs an id");
      }
      int id = Checks.range(at(path, "id"), network.id(), 0, 1, (1 << 24) - 1);
      int mtu = Checks.range(at(path, "mtu"), network.mtu(), 1500, MIN_MTU, MAX_MTU);
      if (mtus.put(id, mtu) != null) {
        throw new InvalidValueException(at(path, "id"), "network " + id + " is there twice");
      }
    }
    return mtus;
  }

  private static List<GuestSpec> guests(GuestPlanner planner, List<GuestRequest> requests, int max)
      throws InvalidValueException {
    List<GuestRequest> all = requests == null ? List.of() : requests;
    if (all.size() > max) {
      throw new InvalidValueException(
          List.of("guests"), all.size() + " guests are more than max-guests, " + max);
    }
    List<GuestSpec> guests = new ArrayList<>();
    Set<Object> taken = new HashSet<>();
    for (int i = 0; i < all.size(); i++) {
      List<Object> path = List.of("guests", i);
      if (all.get(i) == null) {
        throw new InvalidValueException(path, "a guest needs an id");
      }
      GuestSpec guest = planner.plan(path, all.get(i));
      unique(taken, at(path, "id"), "guest '" + guest.id() + "'");
      unique(taken, at(path, "socket"), "socket " + guest.socket().path());
      unique(taken, at(path, "mac"), "MAC " + guest.mac() + " in network " + guest.network());
      guests.add(guest);
    }
    return guests;
  }

  private static void unique(Set<Object> taken, List<Object> path, String what)
      throws InvalidValueException {
    if (!taken.add(what)) {
      throw new InvalidValueException(path, what + " is there twice");
    }
  }
}
