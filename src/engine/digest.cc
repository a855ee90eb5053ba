// digest
