package dev.outboard.transport.iouring.notifier;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.IoUring;
import dev.outboard.linux.LinuxException;
import dev.outboard.spi.Doorbells;
import dev.outboard.spi.Notifier;
import java.util.Arrays;
import java.util.Optional;

/**
 * Waits for all idle guests of one worker by one io_uring, and rings the doorbells of those that it
 * has woken by one submission. The first thread that calls it, but for {@link #wake} and {@link
 * #close}, is its owner.
 *
 * <p>Theory of operation. Each descriptor has a multishot poll, which yields a completion for each
 * edge and is never read. A guest's kick makes the kernel set a flag in the ring's memory; a worker
 * that is busy reads the flag, and only when it is set makes the one system call that brings the
 * completions of all who have kicked. (The kernel can also write completions without being asked,
 * but then it interrupts the worker for each: measured, that costs ten times as much, see
 * docs/notifier.md.)
 *
 * <p>A completion says in its user data which slot and generation it is for, so one that is in the
 * ring already when its watch ends is known to be late. The kernel may end a multishot poll, when
 * the completion ring overflows for example: its last completion lacks MORE, and it is armed anew;
 * what happened in between is found by arming, which reports a descriptor that is ready.
 *
 * <p>A doorbell is rung by a write that fails rather than waits. So all are finished when the
 * system call returns, whatever their owners do to them meanwhile; but for the moment between the
 * kernel's look at the eventfd's mode and its write, for which the engine keeps a watch.
 */
final class IoUringNotifier implements Notifier, Doorbells {
  /** How many doorbells one system call rings, and a few more requests besides. */
  private static final int SUBMISSIONS = 256;

  private static final int MOST_BELLS = 192;

  /** More kicks at once overflow the ring: that costs time, nothing else. */
  private static final int COMPLETIONS = 4096;

  /** The two lowest bits of user data; then come the slot, and above 32 bits the generation. */
  private static final int WATCH = 0;

  private static final int BELL = 1;
  private static final int WAKE = 2;
  private static final int CANCEL = 3;
  private static final int KINDS = 4;

  private static final int SUBMIT_ATTEMPTS = 3;

  private final IoUring ring;
  private final int wakeFd;
  private final Watches watches = new Watches();
  private boolean started;
  private boolean woken;

  /** Edges: those told by the last call, then those to be told next; slot and token. */
  private long[] edges = new long[256];

  private int edgeCount;
  private int told;

  /** Slots whose poll the kernel has ended, to be armed anew. */
  private int[] ended = new int[64];

  private int endedCount;

  /** The slot that is being armed for the first time, or -1; then what became of it. */
  private int arming = -1;

  private boolean armingFailed;

  private final int[] bells = new int[MOST_BELLS];
  private final boolean[] rung = new boolean[MOST_BELLS];
  private int bellCount;
  private int bellRound;
  private final int[] refused = new int[MOST_BELLS];

  /** Makes the ring; nobody owns it yet. */
  IoUringNotifier() throws LinuxException {
    this(COMPLETIONS);
  }

  IoUringNotifier(int completions) throws LinuxException {
    ring = new IoUring(Math.min(SUBMISSIONS, completions), completions);
    try {
      wakeFd = EventFd.create();
    } catch (LinuxException e) {
      ring.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return IoUringNotifierProvider.NAME;
  }

  @Override
  public long busyPollNanos() {
    return 0;
  }

  private void own() {
    if (started) {
      return;
    }
    started = true;
    try {
      ring.start();
      ring.limitWorkers(1);
    } catch (LinuxException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
    armWake();
    enter();
  }

  private void armWake() {
    boolean _ = ring.pollMultishot(wakeFd, Epoll.IN, WAKE);
  }

  // ---- watch

  @Override
  public boolean watch(int fd, int token) {
    own();
    if (fd < 0 || watches.slot(fd) >= 0) {
      return false;
    }
    int slot = watches.add(fd, token);
    arming = slot;
    armingFailed = !arm(slot);
    enter();
    arming = -1;
    if (armingFailed) {
      watches.remove(slot);
    }
    return !armingFailed;
  }

  private boolean arm(int slot) {
    return ring.pollMultishot(
        watches.fd(slot), Epoll.IN, userData(slot, watches.generation(slot), WATCH));
  }

  private static long userData(int slot, int generation, int kind) {
    return (long) generation << 32 | (long) slot * KINDS + kind;
  }

  @Override
  public void unwatch(int fd) {
    int slot = watches.slot(fd);
    if (slot < 0) {
      return;
    }
    boolean _ = ring.cancel(userData(slot, watches.generation(slot), WATCH), CANCEL);
    watches.remove(slot);
    forget(slot);
    // The kernel holds the file until the poll has ended, which is now.
    enter();
  }

  /** Drops the edges of a slot that are not told yet. */
  private void forget(int slot) {
    int kept = told;
    for (int i = told; i < edgeCount; i++) {
      if ((int) (edges[i] >> 32) != slot) {
        edges[kept++] = edges[i];
      }
    }
    edgeCount = kept;
    kept = 0;
    for (int i = 0; i < endedCount; i++) {
      if (ended[i] != slot) {
        ended[kept++] = ended[i];
      }
    }
    endedCount = kept;
  }

  // ---- wait

  @Override
  public int poll() {
    own();
    forgetTold();
    if (ring.poll() > 0) {
      collect();
    }
    return tell();
  }

  @Override
  public int await(long nanos) {
    own();
    forgetTold();
    collect();
    if (edgeCount == 0 && !woken) {
      int _ = ring.submitAndWait(1, nanos);
      collect();
    }
    woken = false;
    return tell();
  }

  private void forgetTold() {
    if (told > 0) {
      System.arraycopy(edges, told, edges, 0, edgeCount - told);
      edgeCount -= told;
      told = 0;
    }
  }

  private int tell() {
    told = edgeCount;
    return told;
  }

  @Override
  public int token(int i) {
    return (int) edges[i];
  }

  @Override
  public void wake() {
    EventFd.signal(wakeFd);
  }

  // ---- completions

  /** Submits what is prepared and takes what is complete. */
  private void enter() {
    int _ = ring.submitAndWait(0, -1);
    collect();
  }

  private void collect() {
    int count = ring.poll();
    for (int i = 0; i < count; i++) {
      long userData = ring.userData(i);
      int place = (int) userData >>> 2;
      int generation = (int) (userData >>> 32);
      boolean more = (ring.flags(i) & IoUring.MORE) != 0;
      switch ((int) userData & KINDS - 1) {
        case WATCH -> watched(place, generation, ring.result(i), more);
        case BELL -> rang(place, generation, ring.result(i));
        case WAKE -> wokenUp(more);
        default -> {
          // A cancellation: what it has ended says so itself.
        }
      }
    }
    ring.advance(count);
    if (endedCount > 0) {
      armAgain();
    }
  }

  private void watched(int slot, int generation, int result, boolean more) {
    if (!watches.isCurrent(slot, generation)) {
      return;
    }
    boolean failed = result < 0;
    if (failed && slot == arming) {
      armingFailed = true;
      return;
    }
    boolean again = watches.failed(slot, failed);
    if (edgeCount == edges.length) {
      edges = Arrays.copyOf(edges, edgeCount * 2);
    }
    edges[edgeCount++] = (long) slot << 32 | watches.token(slot);
    // One that fails twice in a row would fail for ever.
    if (!more && !again) {
      if (endedCount == ended.length) {
        ended = Arrays.copyOf(ended, endedCount * 2);
      }
      ended[endedCount++] = slot;
    }
  }

  private void armAgain() {
    int left = 0;
    for (int i = 0; i < endedCount; i++) {
      if (!arm(ended[i])) {
        ended[left++] = ended[i];
      }
    }
    endedCount = left;
    int _ = ring.submit();
  }

  private void wokenUp(boolean more) {
    woken = true;
    if (!more) {
      armWake();
      int _ = ring.submit();
    }
  }

  // ---- doorbells

  @Override
  public Optional<Doorbells> doorbells() {
    return Optional.of(this);
  }

  @Override
  public boolean add(int eventFd, int token) {
    own();
    if (bellCount == MOST_BELLS || !ring.signal(eventFd, userData(bellCount, bellRound, BELL))) {
      return false;
    }
    rung[bellCount] = false;
    bells[bellCount++] = token;
    return true;
  }

  @Override
  public int ring() {
    int attempts = 0;
    do {
      enter();
    } while (ring.prepared() > 0 && ++attempts < SUBMIT_ATTEMPTS);
    int count = 0;
    for (int i = 0; i < bellCount; i++) {
      if (!rung[i]) {
        refused[count++] = bells[i];
      }
    }
    bellCount = 0;
    bellRound++;
    return count;
  }

  private void rang(int bell, int round, int result) {
    if (round == bellRound && result > 0) {
      rung[bell] = true;
    }
  }

  @Override
  public int refused(int i) {
    return refused[i];
  }

  @Override
  public void close() {
    ring.close();
    FileDescriptors.close(wakeFd);
  }
}
