package dev.outboard.transport.dpdk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Shares a device's receive queues out among the ports that workers have at the moment: a queue
 * that nobody polls would swallow the frames that the device puts there.
 *
 * <p>Theory of operation. Whenever a port comes or goes, all are told and look what their share is
 * now, each by its own worker when it next receives. A queue has an owner, who alone polls it; it
 * lets go what is not its share any more, and takes what is, once the former owner has let go.
 * Until then it does not sleep.
 */
final class QueueShare {
  /** A port that polls queues. */
  interface Member {
    /** Has it receive soon, and so look at its share. Any thread. */
    void wake();
  }

  private final AtomicReferenceArray<Member> owners;

  /** Replaced whenever one comes or goes. */
  private volatile Member[] members = new Member[0];

  QueueShare(int queues) {
    owners = new AtomicReferenceArray<>(queues);
  }

  /** The members, as an object that is another one after each change. Hot. */
  Object version() {
    return members;
  }

  /** How many queues there are. */
  int queues() {
    return owners.length();
  }

  /** A port takes part from now on. Its worker. */
  void join(Member member) {
    change(members -> members.add(member), member);
  }

  /** A port takes part no longer; it polls nothing any more. Its worker. */
  void leave(Member member) {
    for (int queue = 0; queue < owners.length(); queue++) {
      boolean _ = owners.compareAndSet(queue, member, null);
    }
    change(members -> members.remove(member), member);
  }

  /** Has all of them receive soon. Any thread. */
  void wakeAll() {
    for (Member member : members) {
      member.wake();
    }
  }

  private interface Change {
    boolean apply(List<Member> members);
  }

  private synchronized void change(Change change, Member by) {
    List<Member> now = new ArrayList<>(Arrays.asList(members));
    boolean _ = change.apply(now);
    members = now.toArray(Member[]::new);
    for (Member member : now) {
      if (member != by) {
        member.wake();
      }
    }
  }

  /**
   * Lets go and takes what has changed. The member's worker.
   *
   * @param into gets the numbers of the queues that it has now
   * @return how many those are, or that number negated and less one if some are still another's
   */
  int share(Member member, int[] into) {
    Member[] now = members;
    int place = Arrays.asList(now).indexOf(member);
    int count = 0;
    boolean waits = false;
    for (int queue = 0; queue < owners.length(); queue++) {
      boolean mine = place >= 0 && queue % now.length == place;
      if (!mine) {
        boolean _ = owners.compareAndSet(queue, member, null);
      } else if (owners.get(queue) == member || owners.compareAndSet(queue, null, member)) {
        into[count++] = queue;
      } else {
        waits = true;
      }
    }
    return waits ? -count - 1 : count;
  }
}
