package dev.outboard.guest;

import dev.outboard.guest.vhost.VhostUserFrontend;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The guests of one host, and sockets of the host itself, each with a partner of the same number on
 * the other host. Made in the host's network; one thread calls, each guest that talks has its own.
 */
final class Crowd implements AutoCloseable {
  private static final int MTU = 1500;
  private static final int PORT = 7000;
  private static final int RING = 256;
  private static final int HELLO_LENGTH = 64;
  private static final int HELLO_MILLIS = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final GuestOptions OPTIONS = GuestOptions.DEFAULT.withQueueSize(RING);

  private final int host;
  private final int pairs;
  private final List<GuestDevice> guests = new ArrayList<>();
  private final List<GuestDevice> ends = new ArrayList<>();

  /** Who talks. */
  enum Party {
    /** Microvms. */
    GUEST,
    /** The host's own sockets. */
    END
  }

  private Crowd(int host, int pairs) {
    this.host = host;
    this.pairs = pairs;
  }

  /** Opens all that the settings ask for. */
  static Crowd open(KeyValues settings) throws Exception {
    Crowd crowd = new Crowd(settings.number("host", 0), settings.number("pairs", 1));
    String kind = settings.text("guests", "none");
    String place = settings.text("sockets", "");
    String bridge = settings.text("bridge", "br0");
    Party partner = settings.choice("ends", Party.class, null);
    settings.requireAllKnown();
    try {
      for (int i = 0; i < crowd.pairs; i++) {
        switch (kind) {
          case "vhost-user" -> crowd.guests.add(crowd.vhostUser(Path.of(place, "g" + i + ".sock")));
          case "vmm-tap" -> crowd.guests.add(crowd.vmm(bridge, i));
          case "none" -> {}
          default ->
              throw new IllegalArgumentException(
                  "unknown guests '" + kind + "'; known are vhost-user, vmm-tap, none");
        }
      }
      for (int i = 0; partner != null && i < crowd.pairs; i++) {
        crowd.ends.add(crowd.socket(partner, i));
      }
      return crowd;
    } catch (Exception e) {
      crowd.close();
      throw e;
    }
  }

  private GuestDevice vhostUser(Path socket) throws IOException {
    VhostUserFrontend frontend = VhostUserFrontend.connect(socket, PATIENCE);
    return VhostUserGuest.start("guest-" + socket.getFileName(), OPTIONS, frontend);
  }

  private GuestDevice vmm(String bridge, int number) throws IOException {
    int tap = PrivateNetworks.addTap(bridge, "tap" + number, MTU);
    return new TapGuest("guest-" + number, OPTIONS, tap, MTU);
  }

  private GuestDevice socket(Party partner, int number) throws IOException {
    Endpoint own = CrowdAddresses.end(host, number);
    Endpoint far = partner(partner, number);
    return new HostPeer(
        new InetSocketAddress(own.address(), PORT), new InetSocketAddress(far.address(), PORT));
  }

  private Endpoint partner(Party party, int number) {
    return party == Party.GUEST
        ? CrowdAddresses.guest(1 - host, number)
        : CrowdAddresses.end(1 - host, number);
  }

  /** Lets bridges learn where the guests are. */
  void greet() {
    for (int i = 0; i < guests.size(); i++) {
      Endpoint own = CrowdAddresses.guest(host, i);
      FrameTemplate hello = FrameTemplate.raw(own, CrowdAddresses.guest(1 - host, i), HELLO_LENGTH);
      int _ = guests.get(i).send(hello, 0, 1);
    }
    drain(HELLO_MILLIS);
  }

  /** Takes what has come, and comes for so long still, and throws it away. */
  void drain(long millis) {
    FrameTemplate any =
        FrameTemplate.raw(
            CrowdAddresses.guest(1 - host, 0), CrowdAddresses.guest(host, 0), HELLO_LENGTH);
    FrameTemplate datagram =
        FrameTemplate.udp(CrowdAddresses.end(1 - host, 0), CrowdAddresses.end(host, 0), 64);
    long end = System.nanoTime() + millis * 1_000_000L;
    int got;
    do {
      got = 0;
      for (GuestDevice guest : guests) {
        got += guest.receive(new FrameCheck(any), RING);
      }
      for (GuestDevice socket : ends) {
        got += socket.receive(new FrameCheck(datagram), RING);
      }
      LockSupport.parkNanos(got == 0 ? 100_000 : 0);
    } while (got > 0 || System.nanoTime() < end);
  }

  /** The first of them have a conversation, all at once; returns when the last has ended. */
  List<CrowdGuest> talk(
      Party from, Party to, int count, Conversation conversation, Consumer<CrowdGuest> what) {
    List<CrowdGuest> talkers = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    // So many threads take long to start, and the first would be through before the last begins.
    CountDownLatch all = new CountDownLatch(1);
    boolean asks = !(what instanceof Answering);
    for (int i = 0; i < count; i++) {
      CrowdGuest talker = new CrowdGuest(mouth(from, to, i, conversation, asks), conversation);
      talkers.add(talker);
      threads.add(
          Thread.ofPlatform()
              .name("guest-" + i)
              .unstarted(
                  () -> {
                    await(all);
                    what.accept(talker);
                  }));
    }
    threads.forEach(Thread::start);
    all.countDown();
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
    return talkers;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private Mouth mouth(Party from, Party to, int number, Conversation talk, boolean asks) {
    if (from == Party.END) {
      Endpoint own = CrowdAddresses.end(host, number);
      Endpoint far = partner(to, number);
      List<FrameTemplate> question =
          Conversation.whole(own, far, asks ? talk.size() : talk.answer());
      List<FrameTemplate> reply = Conversation.whole(far, own, asks ? talk.answer() : talk.size());
      return new Mouth(ends.get(number), question, reply);
    }
    Endpoint own = CrowdAddresses.guest(host, number);
    Endpoint far = partner(to, number);
    return asks
        ? new Mouth(guests.get(number), talk.question(own, far), talk.answer(far, own))
        : new Mouth(guests.get(number), talk.answer(own, far), talk.question(far, own));
  }

  /** Says that somebody answers. */
  record Answering(BooleanSupplier stop) implements Consumer<CrowdGuest> {
    @Override
    public void accept(CrowdGuest guest) {
      guest.answer(stop);
    }
  }

  @Override
  public void close() {
    guests.forEach(GuestDevice::close);
    ends.forEach(GuestDevice::close);
  }
}
