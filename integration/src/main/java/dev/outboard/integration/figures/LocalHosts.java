package dev.outboard.integration.figures;

import dev.outboard.integration.UserException;
import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.compare.CpuTime;
import dev.outboard.integration.compare.Cpus;
import dev.outboard.integration.compare.RunDirectory;
import java.util.List;

/** Two network namespaces of this machine, joined by a veth pair. */
final class LocalHosts implements Hosts {
  private final Class<?> daemon;
  private final Cpus cpus;
  private final RunDirectory directory;

  LocalHosts(Class<?> daemon) throws UserException {
    this.daemon = daemon;
    cpus = Cpus.choose();
    directory = RunDirectory.create();
  }

  @Override
  public Reach reach(FiguresSettings settings) throws UserException {
    return Reach.of(settings.counts(), settings.arms().size());
  }

  @Override
  public List<Side> open(FigureArm arm) throws UserException {
    LocalSide first = side(arm, "a", cpus.first());
    try {
      LocalSide second = side(arm, "b", cpus.second());
      try {
        first.ip(Wiring.wires(arm, second.pid()));
        return List.of(first, second);
      } catch (UserException e) {
        second.close();
        throw e;
      }
    } catch (UserException e) {
      first.close();
      throw e;
    }
  }

  private LocalSide side(FigureArm arm, String host, int cpu) throws UserException {
    return new LocalSide(arm.label() + "-" + host, cpu, arm, directory.path(), daemon);
  }

  @Override
  public List<CpuTime> work() throws UserException {
    return List.of(CpuTime.now());
  }

  @Override
  public double coreNanos() throws InterruptedException {
    return CoreState.measure(cpus);
  }

  @Override
  public String words() {
    return "two network namespaces of this machine, joined by a veth pair";
  }

  @Override
  public String processors() {
    return "each host has one processor for its microVMs, its sidecar and its own processes";
  }

  @Override
  public void close() {
    directory.close();
  }
}
