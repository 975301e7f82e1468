"""What a manager reads: pages made from the published warehouse's core and marts, and from nothing else."""
