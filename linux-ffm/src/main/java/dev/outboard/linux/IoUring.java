package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * An io_uring: operations are written into one ring in memory shared with the kernel, what became
 * of them is read from another, and one system call is enough for any number of them. Made by any
 * thread; from {@link #start} on every call is that thread's, the owner's, and hot: nothing is
 * allocated or thrown. Closed by any thread when the owner is through with it.
 *
 * <h2>Theory of operation</h2>
 *
 * <pre>
 *   submission ring                          completion ring
 *   head: the kernel has taken up to here    head: we have read up to here
 *   tail: we have written up to here         tail: the kernel has written up to here
 *   entries: 64 bytes each                   entries: user data (8), result (4), flags (4)
 *   flags: CQ_OVERFLOW, TASKRUN
 * </pre>
 *
 * <p>Heads and tails only grow; the lowest bits are the place in the ring. Each is written by one
 * side alone: with release, after what it makes visible; the other side reads it with acquire. The
 * kernel takes entries only inside io_uring_enter, called by the owner, so an entry may be changed
 * ({@link #skipSuccess}) or taken back ({@link #abandon}) until then.
 *
 * <p>With deferred task work the kernel does not interrupt the owner to finish an operation. It
 * sets TASKRUN in the ring, and finishes all that is ready when the owner next enters it. So {@link
 * #poll} looks at memory first: at the completion tail, then at the flags, and makes a system call
 * only when the flags say that it will bring something. An idle ring costs two loads.
 *
 * <p>If completions are not read in time the kernel keeps those that don't fit, in order, and sets
 * CQ_OVERFLOW; {@link #poll} fetches them when there is room. None is lost. But an operation that
 * yields many completions (multishot) may end when one finds no room, or for reasons of its own: a
 * completion without {@link #MORE} says so, and it is to be prepared anew.
 *
 * <p>Who waits elsewhere, in epoll, watches {@link #bell}: an eventfd that the kernel signals when
 * a completion or task work comes, while it is armed. The ring's own descriptor won't do: with
 * deferred task work the kernel (6.18) wakes nobody who polls it until the owner enters the ring.
 * Arming is the race of every doorbell: we store "armed", then look for work; the kernel adds work,
 * then looks for "armed"; so each side has a full fence between. It may ring too often. It is for
 * operations on sockets: for an eventfd that is signalled, the kernel puts off ringing another, and
 * may forget it; who waits for eventfds waits in the ring ({@link #submitAndWait}).
 */
public final class IoUring implements AutoCloseable {
  /** In {@link #flags}: the operation goes on and will yield further completions. */
  public static final int MORE = 1 << 1;

  /** In {@link #flags}: the memory of a zero-copy send is no longer looked at. */
  public static final int NOTIFICATION = 1 << 3;

  /** In {@link #flags}: a provided buffer was used, see {@link #buffer}. */
  public static final int BUFFER = 1;

  /** Send flag: fail with EAGAIN rather than wait for room. */
  public static final int DONT_WAIT = 0x40;

  private static final int OP_POLL_ADD = 6;
  private static final int OP_POLL_REMOVE = 7;
  private static final int OP_SENDMSG = 9;
  private static final int OP_RECVMSG = 10;
  private static final int OP_ASYNC_CANCEL = 14;
  private static final int OP_WRITE = 23;
  private static final int OP_SENDMSG_ZC = 48;
  private static final int OP_READ_MULTISHOT = 49;

  /** RWF_NOWAIT. */
  private static final int WRITE_NOW = 8;

  private static final int BUFFER_SELECT = 1 << 5;
  private static final int CQE_SKIP_SUCCESS = 1 << 6;

  private static final int POLL_ADD_MULTISHOT = 1;
  private static final int RECEIVE_MULTISHOT = 1 << 1;

  /** A zero-copy send's notification says whether there was a copy. */
  private static final int REPORT_USAGE = 1 << 3;

  private static final int CANCEL_ALL = 1;
  private static final int CANCEL_BY_FD = 1 << 1;
  private static final int BUFFER_SHIFT = 16;

  private static final int ENTER_GETEVENTS = 1;
  private static final int ENTER_EXT_ARG = 1 << 3;
  private static final int ENTER_NO_IOWAIT = 1 << 7;

  private static final int SQ_CQ_OVERFLOW = 1 << 1;
  private static final int SQ_TASKRUN = 1 << 2;
  private static final int LOOK_INSIDE = SQ_CQ_OVERFLOW | SQ_TASKRUN;

  private static final int REGISTER_EVENTFD = 4;
  private static final int REGISTER_ENABLE_RINGS = 12;
  private static final int REGISTER_IOWQ_MAX_WORKERS = 19;

  private static final int BELL_OFF = 1;

  private static final int SUBMISSION_SHIFT = 6;
  private static final int COMPLETION_SHIFT = 4;
  private static final int RESULT = 8;
  private static final int FLAGS = 12;

  /** {@code struct io_uring_getevents_arg}, and behind it the time it points to. */
  private static final int WAIT_SIZE = 24;

  private static final int WAIT_TIME = 16;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private static final long SYS_ENTER = 426;

  /** Plain: it is how a worker sleeps, and nobody asks why the kernel took nothing. */
  private static final MethodHandle ENTER =
      Native.bindVariadicPlain("syscall", 1, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG);

  private static final VarHandle INDEX = INT.varHandle();

  private final RingMemory memory;
  private final MemorySegment rings;
  private final MemorySegment entries;
  private final MemorySegment wait;
  private final int submissionMask;
  private final int completionMask;

  /** Our copies of what only we write. */
  private int submissionTail;

  private int completionHead;
  private int bell = -1;
  private boolean closed;

  /**
   * Makes a ring of the best kind that the kernel knows. It can be given buffers from now on, but
   * takes no operations before {@link #start}.
   *
   * @param submissions how many operations can be prepared before they are submitted; rounded up to
   *     a power of 2
   * @param completions how many can wait to be read, at least as many
   * @throws LinuxException with {@link IoUringRefusal} as its message
   */
  public IoUring(int submissions, int completions) throws LinuxException {
    this(submissions, completions, RingMemory.MODES);
  }

  IoUring(int submissions, int completions, int... modes) throws LinuxException {
    memory = new RingMemory(submissions, completions, modes);
    rings = memory.rings;
    entries = memory.entries;
    submissionMask = memory.submissionEntries - 1;
    completionMask = memory.completionEntries - 1;
    wait = memory.arena.allocate(WAIT_SIZE + 2L * Long.BYTES, Long.BYTES);
    wait.set(LONG, WAIT_TIME, wait.address() + WAIT_SIZE);
  }

  /** Makes the calling thread the owner. Cold. */
  public void start() throws LinuxException {
    LinuxException.check(register(REGISTER_ENABLE_RINGS, 0, 0), "start an io_uring");
  }

  /**
   * Limits the kernel threads that finish operations which could not be finished at once. Cold.
   *
   * @param most for each kind of file; at least 1
   */
  public void limitWorkers(int most) throws LinuxException {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment counts = temporary.allocateFrom(INT, most, most);
      LinuxException.check(
          register(REGISTER_IOWQ_MAX_WORKERS, counts.address(), 2),
          "limit the worker threads of an io_uring");
    }
  }

  /** The result or the negated error number; -EBADF once the ring is closed. Cold. */
  synchronized int register(int operation, long argument, int count) {
    return closed ? -Errno.EBADF : memory.register(operation, argument, count);
  }

  /**
   * An eventfd for others to watch: it becomes readable when a completion comes while {@link
   * #armBell armed}. It is not to be read, and goes with the ring. Cold; before {@link #start}, or
   * by the owner.
   */
  public int bell() throws LinuxException {
    if (bell < 0) {
      int fd = EventFd.create();
      try (Arena temporary = Arena.ofConfined()) {
        long address = temporary.allocateFrom(INT, fd).address();
        LinuxException.check(register(REGISTER_EVENTFD, address, 1), "give an io_uring an eventfd");
      } catch (LinuxException e) {
        FileDescriptors.close(fd);
        throw e;
      }
      bell = fd;
      disarmBell();
    }
    return bell;
  }

  /** Has the {@link #bell} ring for what comes from now on: false if there is something already. */
  public boolean armBell() {
    INDEX.setOpaque(rings, memory.completionFlags, 0);
    VarHandle.fullFence();
    if (poll() > 0) {
      disarmBell();
      return false;
    }
    return true;
  }

  /** Keeps the {@link #bell} silent. */
  public void disarmBell() {
    INDEX.setOpaque(rings, memory.completionFlags, BELL_OFF);
  }

  /** Whether the kernel leaves completions to the owner's calls (6.1 and later). */
  public boolean isDeferred() {
    return (memory.mode & RingMemory.DEFER_TASKRUN) != 0;
  }

  // ---- prepare: each returns false if the ring is full and the kernel takes nothing off it

  /** Waits for events of {@link Epoll}'s kind, again and again. */
  public boolean pollMultishot(int fd, int events, long userData) {
    return add(OP_POLL_ADD, 0, 0, fd, 0, 0, POLL_ADD_MULTISHOT, events, userData, 0);
  }

  /** Waits for events of {@link Epoll}'s kind, once. */
  public boolean pollOnce(int fd, int events, long userData) {
    return add(OP_POLL_ADD, 0, 0, fd, 0, 0, 0, events, userData, 0);
  }

  /** Ends the poll that has the target as its user data; both complete. */
  public boolean removePoll(long target, long userData) {
    return add(OP_POLL_REMOVE, 0, 0, -1, 0, target, 0, 0, userData, 0);
  }

  /** Cancels all operations with this user data; the result is how many. */
  public boolean cancel(long target, long userData) {
    return add(OP_ASYNC_CANCEL, 0, 0, -1, 0, target, 0, CANCEL_ALL, userData, 0);
  }

  /** Cancels all operations on a descriptor; the result is how many. */
  public boolean cancelDescriptor(int fd, long userData) {
    return add(OP_ASYNC_CANCEL, 0, 0, fd, 0, 0, 0, CANCEL_ALL | CANCEL_BY_FD, userData, 0);
  }

  /** Writes to a stream, pipe or eventfd. The memory stays as it is until the completion. */
  public boolean write(int fd, long address, int length, long userData) {
    return add(OP_WRITE, 0, 0, fd, -1, address, length, 0, userData, 0);
  }

  /**
   * Adds 1 to an eventfd, or fails with EAGAIN if that would have to wait or the eventfd is not
   * non-blocking at this moment: it is never left to a worker thread of the kernel.
   */
  public boolean signal(int eventFd, long userData) {
    return add(
        OP_WRITE, 0, 0, eventFd, -1, EventFd.ONE_ADDRESS, Long.BYTES, WRITE_NOW, userData, 0);
  }

  /**
   * Sends a message.
   *
   * @param message the address of a {@code struct msghdr}; read when submitted, but the bytes it
   *     leads to must stay until the completion
   */
  public boolean sendMessage(int fd, long message, int flags, long userData) {
    return add(OP_SENDMSG, 0, 0, fd, 0, message, 1, flags, userData, 0);
  }

  /**
   * As {@link #sendMessage}, from where the bytes lie: they must stay until the second completion,
   * that with {@link #NOTIFICATION}; the first one has {@link #MORE} if there will be a second. The
   * second one's result has its highest bit set if the kernel has copied the bytes after all.
   */
  public boolean sendMessageZeroCopy(int fd, long message, int flags, long userData) {
    return add(OP_SENDMSG_ZC, 0, REPORT_USAGE, fd, 0, message, 1, flags, userData, 0);
  }

  /**
   * Receives messages, again and again, each into a buffer of the group.
   *
   * @param message the address of a {@code struct msghdr} that says how much room there is for the
   *     sender's name and control messages; see {@link ReceivedMessages}
   */
  public boolean receiveMessages(int fd, long message, int group, long userData) {
    return add(OP_RECVMSG, BUFFER_SELECT, RECEIVE_MULTISHOT, fd, 0, message, 1, 0, userData, group);
  }

  /** Reads a stream, pipe or eventfd, again and again, each time into a buffer (6.7 and later). */
  public boolean readMultishot(int fd, int group, long userData) {
    return add(OP_READ_MULTISHOT, BUFFER_SELECT, 0, fd, -1, 0, 0, 0, userData, group);
  }

  /** The operation prepared last yields a completion only if it fails. */
  public void skipSuccess() {
    long at = (long) (submissionTail - 1 & submissionMask) << SUBMISSION_SHIFT;
    entries.set(LONG, at, entries.get(LONG, at) | CQE_SKIP_SUCCESS << 8);
  }

  private boolean add(
      int operation,
      int flags,
      int priority,
      int fd,
      long offset,
      long address,
      int length,
      int operationFlags,
      long userData,
      int bufferGroup) {
    if (room() == 0 && (submit() <= 0 || room() == 0)) {
      return false;
    }
    long at = (long) (submissionTail & submissionMask) << SUBMISSION_SHIFT;
    entries.set(LONG, at, (long) fd << 32 | (long) priority << 16 | (long) flags << 8 | operation);
    entries.set(LONG, at + 8, offset);
    entries.set(LONG, at + 16, address);
    entries.set(LONG, at + 24, (long) operationFlags << 32 | (length & 0xffff_ffffL));
    entries.set(LONG, at + 32, userData);
    entries.set(LONG, at + 40, bufferGroup);
    entries.set(LONG, at + 48, 0L);
    entries.set(LONG, at + 56, 0L);
    submissionTail++;
    return true;
  }

  /** How many operations can be prepared before the ring is full. */
  public int room() {
    return memory.submissionEntries - prepared();
  }

  /** How many operations are prepared and not submitted. */
  public int prepared() {
    return submissionTail - (int) INDEX.getAcquire(rings, memory.submissionHead);
  }

  /** Forgets what is prepared and not submitted. */
  public void abandon() {
    submissionTail -= prepared();
  }

  // ---- submit

  /**
   * Submits what is prepared. What can be finished at once is: its completion is there when this
   * returns, unless it waits for {@link #poll} to enter.
   *
   * @return how many operations were taken; less than all, or -1: the kernel has no memory for them
   *     now
   */
  public int submit() {
    int prepared = publish();
    return prepared == 0 ? 0 : enter(prepared, 0, 0, 0, 0);
  }

  /**
   * Submits what is prepared and waits.
   *
   * @param completions until so many can be read; 0 does not wait
   * @param nanos how long at most, or a negative number for ever
   * @return how many operations were taken; or -1, also if nothing was to be submitted and the wait
   *     ended early
   */
  public int submitAndWait(int completions, long nanos) {
    long argument = 0;
    int size = 0;
    int flags = ENTER_GETEVENTS | (memory.hasNoIoWait ? ENTER_NO_IOWAIT : 0);
    if (nanos >= 0) {
      wait.set(LONG, WAIT_SIZE, nanos / NANOS_PER_SECOND);
      wait.set(LONG, WAIT_SIZE + Long.BYTES, nanos % NANOS_PER_SECOND);
      argument = wait.address();
      size = WAIT_SIZE;
      flags |= ENTER_EXT_ARG;
    }
    return enter(publish(), completions, flags, argument, size);
  }

  /** Shows the kernel what is prepared; it looks at the next enter. */
  private int publish() {
    INDEX.setRelease(rings, memory.submissionTail, submissionTail);
    return prepared();
  }

  private int enter(int submissions, int completions, int flags, long argument, int size) {
    try {
      return (int)
          (long)
              ENTER.invokeExact(
                  SYS_ENTER,
                  (long) memory.fd,
                  (long) submissions,
                  (long) completions,
                  (long) flags,
                  argument,
                  (long) size);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  // ---- complete

  /**
   * How many completions can be read now. Looks at memory; enters the kernel, without waiting, only
   * if there is nothing and the ring says that this will bring something.
   */
  public int poll() {
    int count = available();
    if (count == 0 && ((int) INDEX.getOpaque(rings, memory.submissionFlags) & LOOK_INSIDE) != 0) {
      int _ = enter(0, 0, ENTER_GETEVENTS, 0, 0);
      count = available();
    }
    return count;
  }

  /** How many completions can be read now, by looking at memory alone. */
  public int available() {
    return (int) INDEX.getAcquire(rings, memory.completionTail) - completionHead;
  }

  /** The user data of the i-th completion that can be read, from 0. */
  public long userData(int i) {
    return rings.get(LONG, completion(i));
  }

  /** The result: as that of the system call, or the negated error number. */
  public int result(int i) {
    return rings.get(INT, completion(i) + RESULT);
  }

  /** {@link #MORE} and others. */
  public int flags(int i) {
    return rings.get(INT, completion(i) + FLAGS);
  }

  /** Which buffer of the group was used, if {@link #flags} have {@link #BUFFER}. */
  public int buffer(int i) {
    return flags(i) >>> BUFFER_SHIFT;
  }

  private long completion(int i) {
    return memory.completionArray
        + ((long) (completionHead + i & completionMask) << COMPLETION_SHIFT);
  }

  /** Gives the first completions back to the kernel: they have been read. */
  public void advance(int count) {
    completionHead += count;
    INDEX.setRelease(rings, memory.completionHead, completionHead);
  }

  /**
   * Closes the ring. The kernel cancels what is under way, soon: who needs a descriptor free at
   * once cancels its operations before and waits for their completions.
   */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      memory.close();
      if (bell >= 0) {
        FileDescriptors.close(bell);
      }
    }
  }
}
