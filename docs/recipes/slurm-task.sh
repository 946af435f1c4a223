#!/usr/bin/env bash
# One shard of a study, as a task of a Slurm job array:
#
#   sbatch --array=1-7 slurm-task.sh STUDY FOLDER
#
# STUDY and FOLDER must be on a file system that all nodes share. A task that is put back into the queue begins
# its shard anew; one whose shard is there already ends at once.
#SBATCH --job-name=il2
#SBATCH --cpus-per-task=4
#SBATCH --time=04:00:00
#SBATCH --requeue
set -euo pipefail
exec il2 run "$1" --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --out "$2" \
  --threads "$SLURM_CPUS_PER_TASK"
