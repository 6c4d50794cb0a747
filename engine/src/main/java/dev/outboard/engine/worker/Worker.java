package dev.outboard.engine.worker;

import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Threads;
import dev.outboard.spi.Counter;
import dev.outboard.spi.Notifier;
import dev.outboard.spi.RegionTable;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One thread that serves guests.
 *
 * <p>Theory of operation. Guests that send are <em>active</em>: polled in every loop. One that has
 * been quiet for a while gets its kick armed, its ring is looked at once more (see the fence in
 * {@code Virtqueue.armKick}), and it leaves the active list; from then on it costs nothing until
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
  private static final long QUANTUM = 96 * 1024;

  /** How often the notifier is looked at, at most, while none of those that are polled has work. */
  private static final long IDLE_INTERVAL_NANOS = 1_000;

  private static final int MOST_UNEXPLAINED = 16;

  private static final long POLL_ONLY_SLEEP_NANOS = 100_000;

  private final int number;
  private final int cpu;
  private final Notifier notifier;

  /** How often it is looked at for the guests that sleep, while others are served. */
  private final long busyIntervalNanos;

  private final long idleIntervalNanos;
  private final Forwarder forwarder;
  private final Calls calls;
  private final Consumer<String> problems;
  private final Thread thread;

  private final Commands commands;
  private boolean stopping;
  private Runnable whenEnded = () -> {};

  /** Memory faults in a row that no guest's memory has explained. */
  private int unexplained;

  private final Courtesy courtesy = new Courtesy();
  private final Uplinks uplinks;
  private final Roster roster;
  private final ActiveGuests active;

  private long now;
  private long notifierLookedAt;

  /** Which of the active guests was last looked ahead for. */
  private int ahead;

  private final Counter loops = new Counter();
  private final Counter sleeps = new Counter();
  private volatile int activeShown;

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
    this.notifier = notifier;
    this.problems = problems;
    commands = new Commands(notifier);
    busyIntervalNanos = notifier.busyPollNanos();
    idleIntervalNanos = Math.min(busyIntervalNanos, IDLE_INTERVAL_NANOS);
    calls = new Calls(notifier.doorbells().orElse(null));
    forwarder = new Forwarder(directory, regions, headOfLineNanos, calls);
    uplinks = new Uplinks(this, notifier, forwarder, quietNanos, problems);
    roster = new Roster(this, notifier, forwarder, uplinks, quietNanos);
    active = roster.active();
    thread = Thread.ofPlatform().name("outboard-worker-" + number).unstarted(this::run);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /** Has the worker run something between bursts. Any thread. */
  public void execute(Runnable command) {
    commands.add(command);
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
    commands.close();
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
    uplinks.closeAll();
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
      commands.run();
      if (stopping) {
        return;
      }
      boolean worked = uplinks.count() > 0 && uplinks.serve(now);
      boolean tookLong = false;
      int quietPollOnly = 0;
      for (int i = 0; i < active.count(); i++) {
        GuestShare share = active.at(i);
        if (serve(share)) {
          worked = true;
          tookLong |= share.deficit <= 0;
          share.quietSince = 0;
        } else if (isQuiet(share)) {
          if (share.pollOnly) {
            quietPollOnly++;
          } else if (active.rest(share, now)) {
            i--;
          }
        }
      }
      calls.ringAll();
      loops.add(1);
      if (tookLong || (loops.value() & 7) == 0 || active.count() == 0) {
        now = System.nanoTime();
      }
      lookAtNotifier(worked, quietPollOnly);
      if (!worked) {
        lookAhead();
        courtesy.idle();
      }
    }
  }

  /** For one guest after the other, so that it takes no time when there are many. */
  private void lookAhead() {
    if (active.count() > 0) {
      ahead = ahead + 1 < active.count() ? ahead + 1 : 0;
      forwarder.lookAhead(active.at(ahead).guest);
    }
  }

  private void lookAtNotifier(boolean worked, int quietPollOnly) {
    if (active.count() == quietPollOnly && uplinks.awake() == 0) {
      sleep(active.count() == 0 ? -1 : POLL_ONLY_SLEEP_NANOS);
    } else if ((!worked && roster.ports() > 0)
        || (roster.started() + uplinks.count() > active.count() + uplinks.awake()
            && now - notifierLookedAt >= (worked ? busyIntervalNanos : idleIntervalNanos))) {
      notifierLookedAt = now;
      roster.handle(notifier.poll(), now);
    }
  }

  private void sleep(long nanos) {
    activeShown = active.count();
    int tokens = commands.await(nanos);
    sleeps.add(1);
    now = System.nanoTime();
    roster.handle(tokens, now);
    activeShown = active.count();
  }

  private boolean serve(GuestShare share) {
    boolean worked = false;
    if (share.guest.failed) {
      share.transmits = TransmitSide.NONE;
      share.portReady = false;
      return false;
    }
    if (share.portReady) {
      worked = forwarder.receive(share);
    }
    share.deficit = Math.min(share.deficit + QUANTUM, QUANTUM);
    for (int i = 0; i < share.transmits.length && share.deficit > 0; i++) {
      worked |= serve(share, share.takeNextTransmit()) != 0;
    }
    return worked;
  }

  /** Serves one queue; returns 0 if it had nothing, -1 if all it had must wait. */
  private long serve(GuestShare share, TransmitSide side) {
    long sent = 0;
    while (share.deficit > 0) {
      long cost = forwarder.transmit(share, side, share.deficit, now);
      if (cost <= 0) {
        return sent == 0 ? cost : sent;
      }
      sent += cost;
      share.deficit -= cost;
      if (forwarder.isWaiting() || !side.queue.hasWork()) {
        return sent;
      }
    }
    return sent;
  }

  private boolean isQuiet(GuestShare share) {
    if (share.portReady) {
      return false;
    }
    if (share.quietSince == 0) {
      share.quietSince = now;
      return false;
    }
    return now - share.quietSince > share.patience.nanos();
  }

  /**
   * Takes a share of a guest over, from the start or after other workers have released theirs; its
   * queues are served from where they are. As a command.
   *
   * @return false if a kick fd can't be watched; its queues are not served then
   */
  public boolean adopt(GuestShare share) {
    return roster.adopt(share);
  }

  /**
   * Gives a share up between two bursts: all that was taken from it is on its way, nothing of it is
   * remembered here. The guest's receive queues stay open to all workers. As a command.
   */
  public void release(GuestShare share) {
    roster.release(share);
  }

  /**
   * Opens a guest's queues, so that frames are delivered to it, and starts to serve its first
   * share. As a command.
   *
   * @return false if a kick fd can't be watched; the share is not served then
   */
  public boolean openQueues(GuestShare first, DeviceQueues queues) {
    return roster.openQueues(first, queues);
  }

  /**
   * Starts to serve another share, when the queues are open. As a command.
   *
   * @return false if a kick fd can't be watched; the share is not served then
   */
  public boolean startQueues(GuestShare share) {
    return roster.enter(share);
  }

  /** Stops to serve a share; everything taken is completed and published. As a command. */
  public void stopQueues(GuestShare share) {
    roster.leave(share);
  }

  /**
   * Gives a guest a port of its own; frames come in by it from now on. As a command.
   *
   * @return false if it can't be told of buffers for the port's frames
   */
  public boolean addPort(GuestShare first, GuestUplink port) {
    return roster.addPort(first, port);
  }

  /** Takes in what a guest's ports have just now. As a command. */
  public void lookAtPorts(GuestShare first) {
    roster.lookAtPorts(first);
  }

  /** Takes a port from a guest, whose way is not by it any more. As a command. */
  public void removePort(GuestShare first, GuestUplink port) {
    roster.removePort(first, port);
  }

  /** Gives the worker its share of an uplink. As a command. */
  public void openUplink(SharedUplink uplink) {
    uplinks.open(uplink);
  }

  /** Takes its share of an uplink from the worker; its port is unbound then. As a command. */
  public void closeUplink(int number) {
    uplinks.close(number);
  }

  /**
   * Something threw. A guest whose memory was taken away gets what it asked for, see {@link
   * MemoryFaults}. Anything else is a bug of ours; the guest that was being served is let go, the
   * others go on.
   */
  private void survive(Throwable failure) {
    GuestDevice served = forwarder.served();
    Set<GuestDevice> suspects = roster.suspects(served);
    boolean fault = failure instanceof InternalError;
    Map<GuestDevice, String> guilty = fault ? forwarder.faults(suspects) : Map.of();
    unexplained = guilty.isEmpty() ? unexplained + 1 : 0;
    Egress faulted = takeFaulted();
    if (guilty.isEmpty() && fault && faulted != null && unexplained > MOST_UNEXPLAINED) {
      faulted.broken("it threw " + failure);
    } else if (guilty.isEmpty() && (!fault || unexplained > MOST_UNEXPLAINED)) {
      problems.accept("worker " + number + " failed: " + failure);
      failure.printStackTrace();
      if (served != null && !forwarder.isReceiving()) {
        guilty = Map.of(served, "internal failure: " + failure);
      }
    }
    guilty.forEach(GuestDevice::fail);
    forwarder.recover(suspects, guilty.keySet());
    roster.lookAtAllAgain();
  }

  private Egress takeFaulted() {
    Egress own = roster.takeFaulted();
    Egress shared = uplinks.takeFaulted();
    return shared == null ? own : shared;
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
    return calls.rung();
  }

  /** How many system calls that took. */
  public long callSystemCalls() {
    return calls.systemCalls();
  }

  /** How many doorbells could not be rung at once; each cost its guest the session. */
  public long refusedCalls() {
    return calls.refused();
  }

  /** How many guests it polled when it last went to sleep or woke. */
  public int activeGuests() {
    return activeShown;
  }

  /** How many guests it serves. */
  public int guestsServed() {
    return roster.guests();
  }
}
