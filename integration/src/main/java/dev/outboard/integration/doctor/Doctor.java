package dev.outboard.integration.doctor;

import dev.outboard.integration.daemon.RunSettings;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Processes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Looks at this host as the daemon would find it, and starts nothing. Any one thread. */
public final class Doctor {
  private Doctor() {}

  /**
   * Makes all checks.
   *
   * @param settings of the run that is asked about
   * @param guests how many there shall be
   */
  public static Diagnosis examine(RunSettings settings, int guests)
      throws IOException, InterruptedException {
    HostFiles files = HostFiles.ofThisHost();
    Programs programs = Programs.onPath();
    StackChecks stack = new StackChecks(settings);
    List<Finding> all = new ArrayList<>(stack.findings());
    all.addAll(new VmmChecks(files, programs).findings());
    all.addAll(new KernelChecks(files, programs, Processes.isRoot()).findings());
    Need need = stack.plan().map(plan -> Need.of(plan, guests)).orElse(Need.usual(guests));
    all.addAll(Limits.read(files, openFiles(), Processes.isRoot()).findings(need));
    return Diagnosis.of(guests, all);
  }

  /** The launcher raises this limit for the daemon; what it could not raise is what there is. */
  private static long openFiles() throws LinuxException {
    return Processes.raiseOpenFileLimit();
  }
}
