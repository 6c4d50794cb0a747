package dev.outboard.testkit;

import com.sun.management.ThreadMXBean;
import dev.outboard.linux.Epoll;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Io;
import dev.outboard.linux.Processes;
import dev.outboard.linux.UnixSocket;
import dev.outboard.spi.Availability;
import dev.outboard.spi.Notifier;
import dev.outboard.spi.NotifierProvider;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;

/**
 * What {@link Notifier}, its provider and its {@link dev.outboard.spi.Doorbells} promise. Authors
 * subclass it and name their provider. JUnit's thread is the worker.
 */
public abstract class NotifierKit implements DoorbellRules {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final long SHORT_NANOS = 2_000_000;
  private static final int MANY = 2_500;
  private static final int ROUNDS = 20;
  private static final int NO_DESCRIPTOR = 1_000_000;

  private final List<Integer> descriptors = new ArrayList<>();
  private Notifier notifier;

  /** The provider to be tried; a new one or the same each time. */
  protected abstract NotifierProvider provider();

  /** How long the kit waits for what must happen, before it calls a rule broken. */
  protected Duration patience() {
    return PATIENCE;
  }

  /** Opens the notifier of this rule; skips it where the provider says that it can't run. */
  @BeforeEach
  final void openNotifier() throws IOException {
    Availability here = provider().probe();
    Assumptions.assumeTrue(here.usable(), here.reason() + "; " + here.remedy());
    notifier = provider().open();
  }

  /** Ends what the rule has begun. */
  @AfterEach
  final void closeNotifier() {
    if (notifier != null) {
      notifier.close();
    }
    descriptors.forEach(FileDescriptors::close);
  }

  @Override
  public Notifier notifier() {
    return notifier;
  }

  @Override
  public int eventFd() throws IOException {
    int fd = EventFd.create();
    descriptors.add(fd);
    return fd;
  }

  @Override
  public Set<Integer> found(int wanted) {
    Set<Integer> tokens = new TreeSet<>();
    long deadline = System.nanoTime() + patience().toNanos();
    while (tokens.size() < wanted && System.nanoTime() < deadline) {
      int count = notifier.await(deadline - System.nanoTime());
      for (int i = 0; i < count; i++) {
        tokens.add(notifier.token(i));
      }
    }
    return tokens;
  }

  @Override
  public Set<Integer> foundSoon() {
    Set<Integer> tokens = new TreeSet<>();
    int count = notifier.await(SHORT_NANOS);
    for (int i = 0; i < count; i++) {
      tokens.add(notifier.token(i));
    }
    return tokens;
  }

  @Rule(id = "notifier-1", says = "A notifier has its provider's name, fit for a configuration.")
  public void name() {
    String name = provider().name();
    Check.that(
        name != null && name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}"), () -> "'" + name + "'");
    Check.same(name, notifier.name(), "the notifier's name");
  }

  @Rule(id = "notifier-2", says = "What is readable when it is watched counts as an edge.")
  public void readableWhenWatched() throws IOException {
    int fd = eventFd();
    long _ = EventFd.signal(fd);
    watch(fd, 7);
    Check.same(Set.of(7), found(1), "tokens");
  }

  @Rule(id = "notifier-3", says = "Each edge is told once, though nobody reads the descriptor.")
  public void eachEdgeOnce() throws IOException {
    int fd = eventFd();
    watch(fd, 7);
    for (int i = 0; i < ROUNDS; i++) {
      long _ = EventFd.signal(fd);
      Check.same(Set.of(7), found(1), "tokens after write " + i);
      Check.same(Set.of(), foundSoon(), "tokens without another write");
    }
  }

  @Rule(id = "notifier-4", says = "What became ready while a worker was busy is found by poll.")
  public void poll() throws Exception {
    int fd = eventFd();
    watch(fd, 7);
    Thread.ofPlatform().start(() -> EventFd.signal(fd)).join();
    Check.same(1, notifier.poll(), "tokens that poll found");
    Check.same(7, notifier.token(0), "the token");
  }

  @Rule(id = "notifier-5", says = "Once unwatch has returned its token is not told any more.")
  public void unwatch() throws IOException {
    int left = eventFd();
    int stays = eventFd();
    watch(stays, 2);
    for (int i = 0; i < ROUNDS; i++) {
      watch(left, 1);
      long _ = EventFd.signal(left);
      long _ = EventFd.signal(stays);
      notifier.unwatch(left);
      long _ = EventFd.signal(left);
      Check.same(Set.of(2), found(1), "tokens");
      Check.same(Set.of(), foundSoon(), "tokens later");
      EventFd.drain(left);
    }
  }

  @Rule(id = "notifier-6", says = "A descriptor that is watched again is told by its new token.")
  public void watchAgain() throws IOException {
    int fd = eventFd();
    watch(fd, 1);
    long _ = EventFd.signal(fd);
    notifier.unwatch(fd);
    watch(fd, 2);
    Check.same(Set.of(2), found(1), "tokens");
  }

  @Rule(
      id = "notifier-7",
      says = "What can't be watched, or is watched already, is refused; the others are told.")
  public void refusedWatches() throws IOException {
    int fd = eventFd();
    Check.same(false, notifier.watch(-1, 1), "watch of -1");
    Check.same(false, notifier.watch(NO_DESCRIPTOR, 1), "watch of no descriptor");
    watch(fd, 2);
    Check.same(false, notifier.watch(fd, 3), "a second watch");
    long _ = EventFd.signal(fd);
    Check.same(Set.of(2), found(1), "tokens");
  }

  @Rule(id = "notifier-8", says = "To unwatch what is not watched does no harm.")
  public void unwatchOfNothing() {
    Check.quietly("unwatch of -1", () -> notifier.unwatch(-1));
    Check.quietly("unwatch of no descriptor", () -> notifier.unwatch(NO_DESCRIPTOR));
    Check.same(0, notifier.poll(), "tokens");
  }

  @Rule(id = "notifier-9", says = "A sleep ends when its time is over, and finds nothing then.")
  public void sleep() throws IOException {
    watch(eventFd(), 7);
    Check.same(0, notifier.await(SHORT_NANOS), "tokens after a sleep");
    Check.same(0, notifier.await(0), "tokens without one");
  }

  @Rule(id = "notifier-10", says = "A sleep ends when something becomes ready.")
  public void kick() throws Exception {
    int fd = eventFd();
    watch(fd, 7);
    for (int i = 0; i < ROUNDS; i++) {
      Thread kicker = Thread.ofPlatform().start(() -> EventFd.signal(fd));
      Check.same(Set.of(7), found(1), "tokens");
      kicker.join();
    }
  }

  @Rule(id = "notifier-11", says = "A wake ends the sleep, or the next one, from any thread.")
  public void wake() throws Exception {
    long patience = patience().toNanos();
    for (int i = 0; i < ROUNDS; i++) {
      long start = System.nanoTime();
      Thread waker = Thread.ofPlatform().start(notifier::wake);
      Check.same(0, notifier.await(patience), "tokens after a wake");
      waker.join();
      // A sleep may end early for no reason; then the wake is for the next one.
      Check.that(System.nanoTime() - start < patience, () -> "slept on in spite of a wake");
      int _ = notifier.poll();
    }
  }

  @Rule(id = "notifier-12", says = "Of 2,500 descriptors that become ready at once each is told.")
  public void thousands() throws IOException {
    long _ = Processes.raiseOpenFileLimit();
    List<Integer> fds = new ArrayList<>();
    Set<Integer> all = new TreeSet<>();
    for (int i = 0; i < MANY; i++) {
      fds.add(eventFd());
      all.add(i);
      watch(fds.get(i), i);
    }
    for (int round = 0; round < 3; round++) {
      fds.forEach(EventFd::signal);
      Check.same(MANY, found(MANY).size(), "descriptors told");
      Check.same(Set.of(), foundSoon(), "tokens later");
    }
    for (int i = 0; i < MANY; i += 2) {
      notifier.unwatch(fds.get(i));
      all.remove(i);
    }
    fds.forEach(EventFd::signal);
    Check.same(all, found(all.size()), "tokens of those that stay");
  }

  @Rule(
      id = "notifier-13",
      says = "A socket is told at each arrival, though not all was read, and at its peer's end.")
  public void socket() throws IOException {
    int[] pair = UnixSocket.pair();
    descriptors.add(pair[0]);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(4);
      watch(pair[0], 3);
      for (int i = 0; i < ROUNDS; i++) {
        long _ = Io.send(pair[1], bytes.address(), 4);
        Check.same(Set.of(3), found(1), "tokens after an arrival");
        long _ = Io.read(pair[0], bytes.address(), 1);
        Check.same(Set.of(), foundSoon(), "tokens for what is left to read");
      }
    } finally {
      FileDescriptors.close(pair[1]);
    }
    Check.same(Set.of(3), found(1), "tokens after the peer's end");
    notifier.unwatch(pair[0]);
  }

  @Rule(id = "notifier-14", says = "A descriptor that is closed after its watch is not kept open.")
  public void closedAfterwards() throws IOException {
    int[] pair = UnixSocket.pair();
    descriptors.add(pair[1]);
    watch(pair[0], 3);
    notifier.unwatch(pair[0]);
    FileDescriptors.close(pair[0]);
    try (Arena arena = Arena.ofConfined()) {
      long sent = Io.send(pair[1], arena.allocate(4).address(), 4);
      Check.that(sent < 0, () -> "its peer could still send");
    }
  }

  @Rule(id = "notifier-15", says = "Another place to wait, such as an epoll set, can be watched.")
  public void otherPlaces() throws IOException {
    int fd = eventFd();
    try (Epoll epoll = new Epoll()) {
      epoll.add(fd, Epoll.IN | Epoll.EDGE_TRIGGERED, 0);
      watch(epoll.fd(), 1);
      for (int i = 0; i < ROUNDS; i++) {
        long _ = EventFd.signal(fd);
        Check.same(Set.of(1), found(1), "tokens");
        Check.same(1, epoll.await(0), "events of the set");
      }
      notifier.unwatch(epoll.fd());
    }
  }

  @Rule(id = "notifier-16", says = "Polling, sleeping and being woken allocate nothing.")
  public void allocatesNothing() throws IOException {
    int fd = eventFd();
    watch(fd, 7);
    long thread = Thread.currentThread().threadId();
    long deadline = System.nanoTime() + patience().toNanos();
    long least = Long.MAX_VALUE;
    while (least > 0 && System.nanoTime() < deadline) {
      long before = THREADS.getThreadAllocatedBytes(thread);
      for (int i = 0; i < 5_000; i++) {
        long _ = EventFd.signal(fd);
        int _ = notifier.poll();
        long _ = EventFd.signal(fd);
        int _ = notifier.await(SHORT_NANOS);
      }
      least = Math.min(least, THREADS.getThreadAllocatedBytes(thread) - before);
    }
    long bytes = least;
    Check.that(bytes == 0, () -> bytes + " bytes in 10,000 waits, at the least");
  }

  @Rule(id = "notifier-17", says = "Nothing is left of a notifier that was closed: no descriptor.")
  public void close() throws IOException {
    int fd = eventFd();
    openAndClose(fd);
    long before = openDescriptors();
    for (int i = 0; i < ROUNDS; i++) {
      openAndClose(fd);
    }
    long after = openDescriptors();
    Check.that(after < before + ROUNDS, () -> before + " descriptors, later " + after);
  }

  private void openAndClose(int fd) throws IOException {
    try (Notifier other = provider().open()) {
      boolean _ = other.watch(fd, 1);
      int _ = other.poll();
    }
  }

  private static long openDescriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }

  private void watch(int fd, int token) {
    Check.same(true, notifier.watch(fd, token), "watch of a good descriptor");
  }
}
