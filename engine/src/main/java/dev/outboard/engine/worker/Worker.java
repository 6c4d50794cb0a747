package dev.outboard.engine.worker;

import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Threads;
import dev.outboard.spi.Counter;
import dev.outboard.spi.Notifier;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.WorkerContext;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * One thread that serves guests.
 *
 * <p>Theory of operation. Guests that send are <em>active</em>: polled in every loop. One that has
 * been quiet for a while gets its kick armed, its ring is looked at once more (see the fence in
 * {@code SplitRing.armKick}), and it leaves the active list; from then on it costs nothing until
 * its kick fires. While any guest is active the worker spins, looking at the notifier now and then;
 * with none it sleeps in the notifier, and nowhere else.
 *
 * <p>Fairness is deficit round robin: each loop gives every active guest the same number of bytes,
 * whatever the size of its frames; a burst ends with the frame that uses them up, and what was
 * overdrawn is paid back. What a guest leaves because it has no more, or must wait, is not saved.
 *
 * <p>Changes come as commands, run between bursts, so a command sees no frame under way.
 */
public final class Worker {
  private static final int TRANSMIT_KICK = 0;
  private static final int RECEIVE_KICK = 1;
  private static final int PORT = 2;
  private static final int KINDS = 4;

  private static final long QUANTUM = 96 * 1024;

  /** How often the notifier is looked at for the guests that sleep, while others are served. */
  private static final long BUSY_INTERVAL_NANOS = 5_000;

  private static final long IDLE_INTERVAL_NANOS = 1_000;
  private static final int MOST_UNEXPLAINED = 16;

  private static final long POLL_ONLY_SLEEP_NANOS = 100_000;

  private final int number;
  private final int cpu;
  private final long quietNanos;
  private final Notifier notifier;
  private final Forwarder forwarder;
  private final Calls calls;
  private final Consumer<String> problems;
  private final Thread thread;

  private final ConcurrentLinkedQueue<Runnable> commands = new ConcurrentLinkedQueue<>();
  private volatile boolean sleeping;
  private boolean stopping;
  private Runnable whenEnded = () -> {};
  private final Object wakeLock = new Object();
  private boolean freed;

  /** Memory faults in a row that no guest's memory has explained. */
  private int unexplained;

  private final GuestSlots slots = new GuestSlots();
  private GuestDevice[] active = new GuestDevice[64];
  private int activeCount;
  private int startedCount;
  private int portCount;

  private long now;
  private long notifierLookedAt;

  private final Counter loops = new Counter();
  private final Counter sleeps = new Counter();
  private final Counter rung = new Counter();
  private volatile int activeShown;
  private volatile int guestsShown;

  /**
   * Makes a worker; {@link #start} starts its thread.
   *
   * @param cpu where to pin it, or -1
   * @param quietNanos how long a guest is polled after its last frame, at most
   * @param problems gets a line for each failure that is a bug or a broken host
   */
  public Worker(
      int number,
      int cpu,
      long quietNanos,
      long headOfLineNanos,
      Notifier notifier,
      Directory directory,
      RegionTable regions,
      Consumer<String> problems) {
    this.number = number;
    this.cpu = cpu;
    this.quietNanos = quietNanos;
    this.notifier = notifier;
    this.problems = problems;
    calls = new Calls(rung);
    forwarder = new Forwarder(directory, regions, headOfLineNanos, calls);
    thread = Thread.ofPlatform().name("outboard-worker-" + number).unstarted(this::run);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /** Has the worker run something between bursts. Any thread. */
  public void execute(Runnable command) {
    commands.add(command);
    if (sleeping) {
      synchronized (wakeLock) {
        if (!freed) {
          notifier.wake();
        }
      }
    }
  }

  /**
   * Ends the thread, once all commands given before have run. It serves nobody any more. Any
   * thread.
   *
   * @param then run by the worker's thread when it has given everything back
   */
  public void end(Runnable then) {
    execute(
        () -> {
          stopping = true;
          whenEnded = then;
        });
  }

  /** Ends the thread and waits for it. Not the worker's own thread. */
  public void shutDown() throws InterruptedException {
    end(() -> {});
    thread.join();
  }

  /** Gives everything back: at the thread's end, or instead of {@link #start}. */
  public void free() {
    synchronized (wakeLock) {
      freed = true;
      notifier.close();
    }
    forwarder.close();
  }

  private void run() {
    pin();
    Throwable failure = null;
    while (!stopping) {
      try {
        if (failure != null) {
          Throwable last = failure;
          failure = null;
          survive(last);
        }
        loop();
      } catch (RuntimeException | Error e) {
        failure = e;
      }
    }
    free();
    whenEnded.run();
  }

  private void pin() {
    try {
      if (cpu >= 0) {
        Threads.pinCurrentThread(cpu);
      }
    } catch (LinuxException e) {
      problems.accept("worker " + number + " is not pinned: " + e.getMessage());
    }
  }

  private void loop() {
    while (true) {
      if (!commands.isEmpty()) {
        runCommands();
      }
      if (stopping) {
        return;
      }
      boolean worked = false;
      int quietPollOnly = 0;
      for (int i = 0; i < activeCount; i++) {
        GuestDevice guest = active[i];
        if (serve(guest)) {
          worked = true;
          guest.quietSince = 0;
        } else if (isQuiet(guest)) {
          if (guest.pollOnly) {
            quietPollOnly++;
          } else if (deactivate(guest)) {
            i--;
          }
        }
      }
      calls.ringAll();
      loops.add(1);
      if ((loops.value() & 7) == 0 || activeCount == 0) {
        now = System.nanoTime();
      }
      lookAtNotifier(worked, quietPollOnly);
    }
  }

  private void lookAtNotifier(boolean worked, int quietPollOnly) {
    if (activeCount == quietPollOnly) {
      sleep(activeCount == 0 ? -1 : POLL_ONLY_SLEEP_NANOS);
    } else if ((!worked && portCount > 0)
        || (startedCount > activeCount
            && now - notifierLookedAt > (worked ? BUSY_INTERVAL_NANOS : IDLE_INTERVAL_NANOS))) {
      notifierLookedAt = now;
      handle(notifier.poll());
    }
  }

  private void sleep(long nanos) {
    activeShown = activeCount;
    sleeping = true;
    int tokens = commands.isEmpty() && !stopping ? notifier.await(nanos) : 0;
    sleeping = false;
    sleeps.add(1);
    now = System.nanoTime();
    handle(tokens);
    activeShown = activeCount;
  }

  private boolean serve(GuestDevice guest) {
    boolean worked = false;
    if (guest.failed) {
      guest.transmits = TransmitSide.NONE;
      guest.portReady = false;
      return false;
    }
    if (guest.portReady && guest.directReceive != null) {
      worked = forwarder.receive(guest);
    }
    guest.deficit = Math.min(guest.deficit + QUANTUM, QUANTUM);
    for (int i = 0; i < guest.transmits.length && guest.deficit > 0; i++) {
      worked |= serve(guest, guest.takeNextTransmit()) != 0;
    }
    return worked;
  }

  /** Serves one queue; returns 0 if it had nothing, -1 if all it had must wait. */
  private long serve(GuestDevice guest, TransmitSide side) {
    long sent = 0;
    while (guest.deficit > 0) {
      long cost = forwarder.transmit(guest, side, guest.deficit, now);
      if (cost <= 0) {
        return sent == 0 ? cost : sent;
      }
      sent += cost;
      guest.deficit -= cost;
      if (forwarder.isWaiting() || !side.queue.hasWork()) {
        return sent;
      }
    }
    return sent;
  }

  private boolean isQuiet(GuestDevice guest) {
    if (guest.portReady) {
      return false;
    }
    if (guest.quietSince == 0) {
      guest.quietSince = now;
      return false;
    }
    return now - guest.quietSince > guest.patience.nanos();
  }

  private void activate(GuestDevice guest) {
    if (guest.activeAt >= 0) {
      return;
    }
    addActive(guest);
    for (TransmitSide side : guest.transmits) {
      side.queue.ring().disarmKick();
    }
  }

  private void addActive(GuestDevice guest) {
    if (activeCount == active.length) {
      active = Arrays.copyOf(active, activeCount * 2);
    }
    guest.activeAt = activeCount;
    active[activeCount++] = guest;
    guest.quietSince = 0;
    guest.deficit = 0;
  }

  /** Lets a guest sleep until it kicks; false if it has something to send after all. */
  private boolean deactivate(GuestDevice guest) {
    boolean more = false;
    for (TransmitSide side : guest.transmits) {
      more |= side.queue.ring().armKick();
    }
    if (more) {
      for (TransmitSide side : guest.transmits) {
        side.queue.ring().disarmKick();
      }
      guest.quietSince = 0;
      return false;
    }
    leaveActive(guest);
    guest.leftAt = now;
    return true;
  }

  private void leaveActive(GuestDevice guest) {
    int place = guest.activeAt;
    if (place < 0) {
      return;
    }
    GuestDevice last = active[--activeCount];
    active[place] = last;
    last.activeAt = place;
    active[activeCount] = null;
    guest.activeAt = -1;
  }

  private void handle(int tokens) {
    for (int i = 0; i < tokens; i++) {
      int token = notifier.token(i);
      GuestDevice guest = slots.at(token / KINDS);
      if (guest == null) {
        continue;
      }
      switch (token % KINDS) {
        case PORT -> guest.portReady = !guest.portWaitsForBuffers;
        case RECEIVE_KICK -> {
          if (guest.portWaitsForBuffers) {
            guest.portWaitsForBuffers = false;
            guest.portReady = true;
          }
        }
        default -> {}
      }
      if (guest.activeAt < 0) {
        guest.patience.rested(now - guest.leftAt);
        activate(guest);
      }
    }
  }

  private void runCommands() {
    for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
      command.run();
    }
  }

  /**
   * Takes a guest over, from the start or from another worker, which has released it; its queues
   * are served from where they are. As a command.
   *
   * @return false if a kick fd can't be watched; the queues are stopped then
   */
  public boolean adopt(GuestDevice guest) {
    guest.owner = this;
    slots.add(guest);
    guest.patience = new Patience(quietNanos);
    guestsShown = slots.count();
    if (guest.port != null) {
      portCount++;
      guest.port.bind(new PortContext(guest));
    }
    DeviceQueues queues = guest.queues();
    if (!queues.isStarted()) {
      return true;
    }
    if (!watchKicks(guest, queues)) {
      unwatchKicks(guest, queues);
      withdraw(guest, queues);
      return false;
    }
    enter(guest, queues);
    return true;
  }

  /**
   * Gives a guest up between two bursts: all that was taken from it is on its way, nothing of it is
   * remembered here. Its receive queues stay open to other workers. As a command.
   */
  public void release(GuestDevice guest) {
    if (guest.owner != this) {
      return;
    }
    DeviceQueues queues = guest.queues();
    if (queues.isStarted()) {
      leave(guest, queues);
    }
    if (guest.port != null) {
      portCount--;
      guest.port.flush();
      guest.port.unbind();
    }
    slots.remove(guest);
    guestsShown = slots.count();
    guest.owner = null;
  }

  /**
   * Starts to serve queues. As a command.
   *
   * @return false if a kick fd can't be watched; nothing is started then
   */
  public boolean startQueues(GuestDevice guest, DeviceQueues queues) {
    if (!watchKicks(guest, queues)) {
      unwatchKicks(guest, queues);
      return false;
    }
    guest.setQueues(queues);
    for (int i = 0; i < queues.receiveCount(); i++) {
      queues.receive(i).queue.ring().disarmKick();
    }
    if (queues.receiveCount() > 0 && guest.port != null) {
      guest.port.receiveOffloads(queues.receive(0).queue.offloads());
    }
    enter(guest, queues);
    callOnce(guest, queues);
    return true;
  }

  /** Stops to serve a guest's queues; everything taken is completed and published. As a command. */
  public void stopQueues(GuestDevice guest) {
    DeviceQueues queues = guest.queues();
    if (queues.isStarted()) {
      leave(guest, queues);
      withdraw(guest, queues);
    }
  }

  private void enter(GuestDevice guest, DeviceQueues queues) {
    startedCount++;
    guest.portReady = guest.port != null && queues.receiveCount() > 0;
    guest.portWaitsForBuffers = false;
    activate(guest);
  }

  private void leave(GuestDevice guest, DeviceQueues queues) {
    startedCount--;
    forwarder.forget(guest);
    unwatchKicks(guest, queues);
    guest.portReady = false;
    leaveActive(guest);
  }

  private static void withdraw(GuestDevice guest, DeviceQueues queues) {
    for (int i = 0; i < queues.receiveCount(); i++) {
      queues.receive(i).queue.stop();
    }
    guest.setQueues(DeviceQueues.NONE);
  }

  /**
   * A process before this one may have been killed after it had shown the driver what it did and
   * before it called; with an event index no later call would make up for that. One call too many
   * does no harm. At once: the lines are the guest's only until the next command.
   */
  private static void callOnce(GuestDevice guest, DeviceQueues queues) {
    boolean rung = true;
    for (TransmitSide side : queues.transmits()) {
      rung &= side.call == null || side.call.ring();
    }
    for (int i = 0; i < queues.receiveCount(); i++) {
      CallLine call = queues.receive(i).call;
      rung &= call == null || call.ring();
    }
    if (!rung) {
      guest.events.broken("the call fd can't be written without waiting");
    }
  }

  private boolean watchKicks(GuestDevice guest, DeviceQueues queues) {
    int token = guest.slot * KINDS;
    boolean watched = true;
    for (TransmitSide side : queues.transmits()) {
      watched &= side.kick < 0 || notifier.watch(side.kick, token + TRANSMIT_KICK);
    }
    int receiveKick = portKick(guest, queues);
    return watched && (receiveKick < 0 || notifier.watch(receiveKick, token + RECEIVE_KICK));
  }

  private void unwatchKicks(GuestDevice guest, DeviceQueues queues) {
    for (TransmitSide side : queues.transmits()) {
      if (side.kick >= 0) {
        notifier.unwatch(side.kick);
      }
    }
    int receiveKick = portKick(guest, queues);
    if (receiveKick >= 0) {
      notifier.unwatch(receiveKick);
    }
  }

  /** The kick that tells of buffers for the guest's port, or -1; only a port waits for buffers. */
  private static int portKick(GuestDevice guest, DeviceQueues queues) {
    return guest.port != null && queues.receiveCount() > 0 ? queues.receive(0).kick : -1;
  }

  /**
   * Something threw. A guest whose memory was taken away gets what it asked for, see {@link
   * MemoryFaults}. Anything else is a bug of ours; the guest that was being served is let go, the
   * others go on.
   */
  private void survive(Throwable failure) {
    GuestDevice served = forwarder.served();
    Set<GuestDevice> suspects = suspects(served);
    boolean fault = failure instanceof InternalError;
    Map<GuestDevice, String> guilty = fault ? forwarder.faults(suspects) : Map.of();
    unexplained = guilty.isEmpty() ? unexplained + 1 : 0;
    if (guilty.isEmpty() && (!fault || unexplained > MOST_UNEXPLAINED)) {
      problems.accept("worker " + number + " failed: " + failure);
      failure.printStackTrace();
      if (served != null) {
        guilty = Map.of(served, "internal failure: " + failure);
      }
    }
    guilty.forEach(GuestDevice::fail);
    forwarder.recover(suspects, guilty.keySet());
    lookAtAllAgain();
  }

  /** All whose memory this worker may have touched: its own guests, and who they send to. */
  private Set<GuestDevice> suspects(GuestDevice served) {
    Set<GuestDevice> suspects = new LinkedHashSet<>();
    if (served != null) {
      suspects.add(served);
      for (int m = 0; m < served.domain.count(); m++) {
        GuestDevice member = served.domain.member(m);
        if (member != null) {
          suspects.add(member);
        }
      }
    }
    for (int slot = 0; slot < slots.end(); slot++) {
      if (slots.at(slot) != null) {
        suspects.add(slots.at(slot));
      }
    }
    return suspects;
  }

  /** The lists may be half changed: all guests that run are active again. */
  private void lookAtAllAgain() {
    Arrays.fill(active, null);
    activeCount = 0;
    startedCount = 0;
    for (int slot = 0; slot < slots.end(); slot++) {
      GuestDevice guest = slots.at(slot);
      if (guest == null) {
        continue;
      }
      guest.activeAt = -1;
      if (guest.queues().isStarted()) {
        startedCount++;
        addActive(guest);
      }
    }
  }

  /** The worker's number, from 0. */
  public int number() {
    return number;
  }

  /** Where it is pinned, or -1. */
  public int cpu() {
    return cpu;
  }

  /** Its thread's id. */
  public long threadId() {
    return thread.threadId();
  }

  /** The name of what it waits with. */
  public String notifierName() {
    return notifier.name();
  }

  /** How often it went round. */
  public long loops() {
    return loops.value();
  }

  /** How often it slept. */
  public long sleeps() {
    return sleeps.value();
  }

  /** How many doorbells it rang. */
  public long calls() {
    return rung.value();
  }

  /** How many guests it polled when it last went to sleep or woke. */
  public int activeGuests() {
    return activeShown;
  }

  /** How many guests it serves. */
  public int guestsServed() {
    return guestsShown;
  }

  private final class PortContext implements WorkerContext {
    private final GuestDevice guest;

    PortContext(GuestDevice guest) {
      this.guest = guest;
    }

    @Override
    public int worker() {
      return number;
    }

    @Override
    public void watch(int fd) {
      if (!notifier.watch(fd, guest.slot * KINDS + PORT)) {
        guest.events.note("the uplink's fd can't be watched: frames from it will not arrive");
      }
    }

    @Override
    public void unwatch(int fd) {
      notifier.unwatch(fd);
    }

    @Override
    public void wake() {
      execute(
          () -> {
            if (guest.owner == Worker.this) {
              guest.portReady = true;
              activate(guest);
            }
          });
    }
  }
}
