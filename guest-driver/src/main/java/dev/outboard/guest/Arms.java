package dev.outboard.guest;

import dev.outboard.guest.vhost.VhostUserFrontend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Builds the two guests of one arm of a comparison from settings: {@code vhost-user}, {@code
 * vmm-tap} or {@code host}. Called once by {@link LoadMain}.
 */
final class Arms {
  private static final int MTU = 1500;
  private static final int PATIENCE_SECONDS = 10;
  private static final long HELLO_NANOS = 20_000_000;
  private static final int HELLO_LENGTH = 64;

  private static final Map<String, Long> FEATURES =
      Map.of(
          "usual",
          VirtioNet.USUAL,
          "in-order",
          VirtioNet.USUAL | VirtioNet.IN_ORDER,
          "no-offload",
          VirtioNet.USUAL & ~VirtioNet.OFFLOADS,
          "plain",
          VirtioNet.VERSION_1);

  /** Whose network namespace the devices of a baseline are in. */
  private enum Network {
    /** One made for them. */
    NEW,
    /** This process's: whoever started it in one of its own can read their counters. */
    HERE
  }

  private Arms() {}

  static GuestPair open(KeyValues settings) throws Exception {
    String arm = settings.required("arm");
    Endpoint a = endpoint(settings, "a", "52:54:00:00:00:01", "10.0.0.1");
    Endpoint b = endpoint(settings, "b", "52:54:00:00:00:02", "10.0.0.2");
    GuestOptions options = options(settings);
    int mtu = settings.number("mtu", MTU);
    boolean shared = arm.equals("vhost-user");
    GuestPair.Driving driving =
        settings.choice(
            "driving",
            GuestPair.Driving.class,
            shared ? GuestPair.Driving.TOGETHER : GuestPair.Driving.APART);
    GuestPair.Idling idling =
        settings.choice("idling", GuestPair.Idling.class, GuestPair.Idling.POLL);
    int aCpu = settings.number("a.cpu", -1);
    int bCpu = settings.number("b.cpu", -1);
    boolean here = settings.choice("network", Network.class, Network.NEW) == Network.HERE;
    GuestDevice[] devices =
        switch (arm) {
          case "vhost-user" -> vhostUser(settings, options);
          case "vmm-tap" -> {
            Path[] networks = networks(settings);
            String bridge = settings.text("bridge", "br0");
            settings.requireAllKnown();
            yield vmmTap(
                options,
                mtu,
                networks != null
                    ? PrivateNetworks.tapPair(networks, bridge, mtu)
                    : here ? PrivateNetworks.tapPairHere(mtu) : PrivateNetworks.tapPair(mtu));
          }
          case "host" -> {
            Path[] networks = networks(settings);
            String link = settings.text("link", "veth0");
            settings.requireAllKnown();
            if (networks != null) {
              yield PrivateNetworks.processPair(networks, link, a, b, mtu, far(a, b, mtu, bCpu));
            }
            yield here
                ? PrivateNetworks.processPairHere(a, b, mtu, far(a, b, mtu, bCpu))
                : PrivateNetworks.hostPair(a, b, mtu);
          }
          default ->
              throw new IllegalArgumentException(
                  "unknown arm '" + arm + "'; known are vhost-user, vmm-tap, host");
        };
    GuestPair pair = new GuestPair(devices[0], devices[1], a, b, driving, idling, aCpu, bCpu);
    if (!arm.equals("host")) {
      greet(pair);
    }
    return pair;
  }

  /** What the process of b is told. */
  private static List<String> far(Endpoint a, Endpoint b, int mtu, int cpu) {
    return List.of(
        "own.mac=" + Frames.text(b.mac()),
        "own.ip=" + b.address().getHostAddress(),
        "peer.mac=" + Frames.text(a.mac()),
        "peer.ip=" + a.address().getHostAddress(),
        "mtu=" + mtu,
        "cpu=" + cpu);
  }

  private static Endpoint endpoint(KeyValues settings, String name, String mac, String ip) {
    return Endpoint.of(settings.text(name + ".mac", mac), settings.text(name + ".ip", ip));
  }

  static GuestOptions options(KeyValues settings) {
    String features = settings.text("features", "usual");
    Long bits = FEATURES.get(features);
    if (bits == null) {
      throw new IllegalArgumentException(
          "unknown features '" + features + "'; known are " + FEATURES.keySet());
    }
    GuestOptions defaults = GuestOptions.DEFAULT;
    ChainShape tx = shape(settings, "tx");
    ChainShape rx = shape(settings, "rx");
    return defaults
        .withQueueSize(settings.number("queue", defaults.queueSize()))
        .withFeatures(bits)
        .withTx(tx, settings.number("tx.buffer", defaults.txBuffer()))
        .withTxSlots(settings.number("tx.slots", defaults.txSlots()))
        .withRx(rx, settings.number("rx.buffer", defaults.rxBuffer()))
        .withMemory(
            new GuestMemory.Options(
                settings.number("regions", 1), settings.number("huge", 0) != 0, true));
  }

  private static ChainShape shape(KeyValues settings, String direction) {
    ChainShape.Kind kind =
        settings.choice(direction, ChainShape.Kind.class, ChainShape.Kind.SINGLE);
    int fragment = settings.number(direction + ".fragment", 4096);
    return kind == ChainShape.Kind.SINGLE ? ChainShape.SINGLE : new ChainShape(kind, fragment);
  }

  private static GuestDevice[] vhostUser(KeyValues settings, GuestOptions options)
      throws Exception {
    String role = settings.text("role", "client");
    Duration patience = Duration.ofSeconds(settings.number("patience", PATIENCE_SECONDS));
    GuestDevice[] devices = new GuestDevice[2];
    String[] names = {"a", "b"};
    String[] sockets = {settings.required("a.socket"), settings.required("b.socket")};
    settings.requireAllKnown();
    for (int i = 0; i < devices.length; i++) {
      Path path = Path.of(sockets[i]);
      VhostUserFrontend frontend =
          switch (role) {
            case "client" -> VhostUserFrontend.connect(path, patience);
            case "server" -> VhostUserFrontend.accept(path, patience);
            default ->
                throw new IllegalArgumentException(
                    "unknown role '" + role + "'; known are client, server");
          };
      devices[i] = VhostUserGuest.start("guest-" + names[i], options, frontend);
    }
    return devices;
  }

  /** The network of each guest's host, if they are named: then all but the guests is there. */
  private static Path[] networks(KeyValues settings) {
    String a = settings.text("a.network", null);
    String b = settings.text("b.network", null);
    if (a == null && b == null) {
      return null;
    }
    return new Path[] {
      Path.of(settings.required("a.network")), Path.of(settings.required("b.network"))
    };
  }

  private static GuestDevice[] vmmTap(GuestOptions options, int mtu, int[] taps) throws Exception {
    return new GuestDevice[] {
      new TapGuest("guest-a", options, taps[0], mtu), new TapGuest("guest-b", options, taps[1], mtu)
    };
  }

  /** Lets a bridge learn where the guests are, and waits for what it says itself. */
  private static void greet(GuestPair pair) {
    FrameTemplate toB = pair.toB(FrameTemplate.Kind.RAW, HELLO_LENGTH, 0);
    FrameTemplate toA = pair.toA(FrameTemplate.Kind.RAW, HELLO_LENGTH, 0);
    FrameCheck atA = new FrameCheck(toA);
    FrameCheck atB = new FrameCheck(toB);
    int _ = pair.a().send(toB, 0, 1);
    int _ = pair.b().send(toA, 0, 1);
    long end = System.nanoTime() + HELLO_NANOS;
    while (System.nanoTime() < end) {
      int _ = pair.a().receive(atA, 1);
      int _ = pair.b().receive(atB, 1);
    }
  }
}
