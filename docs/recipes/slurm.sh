#!/usr/bin/env bash
# A study on Slurm, from the login node: the array again until nothing is missing, then the results.
#
#   slurm.sh STUDY FOLDER [SHARDS]
#
# Every pass submits the whole array: shards that are there end at once, those that were lost are run again, and
# those of a study with several rounds go on.
set -euo pipefail
study=$1 folder=$2 shards=${3:-7}
for _ in $(seq 1 100); do
  sbatch --wait --array="1-$shards" "$(dirname "$0")/slurm-task.sh" "$study" "$folder" || true
  if il2 merge "$folder"; then exit 0; fi
done
echo "$folder: not whole after 100 passes; see the logs of the tasks" >&2
exit 1
